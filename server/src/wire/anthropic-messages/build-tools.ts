import type { FunctionTool, Tool } from '../../core/chat-request.ts';
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import type { Building } from './building.ts';
import { cacheControl } from './cache-control.ts';
import { lose } from './lose.ts';
import { sideField, sidePaths } from './side-fields.ts';

/** `tools` and `tool_choice`. Tools that only another provider has are losses; allowed tools are the only ones sent. */
export function buildTools(building: Building): JsonObject {
  const tools = offered(building)
    .map((tool) => (tool.type === 'function' ? buildFunction(tool, building) : buildNative(tool, building)))
    .filter((tool) => tool !== undefined);
  if (tools.length === 0) {
    const choice = building.request.toolChoice?.type;
    if (choice !== undefined && choice !== 'auto' && choice !== 'none') {
      throw invalidRequest('`tool_choice` asks for a tool call, but no tool is left to call.', 'tool_choice');
    }
    return {};
  }
  const choice = buildChoice(building);
  return choice ? { tools, tool_choice: choice } : { tools };
}

/** Whether the model must call a tool, which the API refuses beside thinking. */
export function forcesTool({ request: { toolChoice } }: Building): boolean {
  if (toolChoice?.type === 'allowed') return toolChoice.required;
  return toolChoice?.type === 'required' || toolChoice?.type === 'tool';
}

const nameOf = (tool: Tool): string | undefined =>
  tool.type === 'function' ? tool.name : asString(asObject(tool.value)?.name);

function offered({ request: { tools, toolChoice } }: Building): Tool[] {
  if (toolChoice?.type !== 'allowed') return tools;
  return tools.filter((tool) => toolChoice.names.includes(nameOf(tool) ?? ''));
}

function buildFunction(tool: FunctionTool, { request, traits, losses }: Building): JsonObject {
  const extra = sideField(request, sidePaths.tools, tool.name);
  if (tool.strict && !traits.structuredOutput) {
    lose(losses, 'tools[].function.strict', 'this model cannot hold its arguments to a schema');
  }
  return {
    ...(isObject(extra) && extra),
    name: tool.name,
    ...(tool.description && { description: tool.description }),
    input_schema: buildSchema(tool.parameters),
    ...(tool.strict && traits.structuredOutput && { strict: true }),
    ...cacheControl(tool.cache),
  };
}

/** The API wants an object schema that says so. */
function buildSchema(parameters: JsonObject | undefined): JsonObject {
  if (!parameters) return { type: 'object', properties: {} };
  return parameters.type === 'object' ? parameters : { ...parameters, type: 'object' };
}

function buildNative(tool: Extract<Tool, { type: 'native' }>, { losses }: Building): JsonObject | undefined {
  if (tool.wire === 'anthropic-messages' && isObject(tool.value)) return tool.value;
  lose(losses, `${tool.what} tool`, 'belongs to another provider');
  return undefined;
}

function buildChoice(building: Building): JsonObject | undefined {
  const { toolChoice, parallelToolCalls } = building.request;
  if (toolChoice?.type === 'none') return { type: 'none' };
  const choice: JsonObject | undefined =
    toolChoice?.type === 'tool'
      ? { type: 'tool', name: toolChoice.name }
      : forcesTool(building)
        ? { type: 'any' }
        : toolChoice && { type: 'auto' };
  return parallelToolCalls === false ? { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true } : choice;
}
