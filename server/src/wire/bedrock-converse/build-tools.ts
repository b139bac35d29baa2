import type { ChatRequest, Tool } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { type BuiltMessages, cachePoint } from './build-messages.ts';
import type { FamilyFacts } from './model-family.ts';

export interface BuiltTools {
  toolConfig?: JsonObject;
  /** Claude's own `tool_choice`, for `additionalModelRequestFields`, when Converse's cannot say it. */
  claudeToolChoice?: JsonObject;
  /** A tool call is forced. */
  forced: boolean;
}

/**
 * `toolConfig`. Converse has no choice `none` and wants tool specs whenever the history holds tool blocks, so `none` leaves
 * the tools out when it can, and else keeps them and reports the loss.
 */
export function buildTools(
  request: ChatRequest,
  { calledTools, holdsTools }: BuiltMessages,
  family: FamilyFacts,
  losses: Loss[],
): BuiltTools {
  const choice = request.toolChoice;
  if (choice?.type === 'none' && !holdsTools) return { forced: false };
  let offered = request.tools;
  if (choice?.type === 'allowed') {
    offered = offered.filter((tool) => tool.type !== 'function' || choice.names.includes(tool.name));
  }
  let tools = toolSpecs(offered, family, losses);
  if (!tools.some((tool) => 'toolSpec' in tool || 'systemTool' in tool)) {
    tools = holdsTools ? specsFromHistory(calledTools) : [];
  }
  if (tools.length === 0) return { forced: false };

  if (choice?.type === 'none') {
    losses.push({ field: 'tool_choice', reason: 'Bedrock cannot forbid tools that the history uses' });
    return { toolConfig: { tools }, forced: false };
  }
  const toolChoice = nativeChoice(choice, request);
  const forced = toolChoice !== undefined && !('auto' in toolChoice);
  if (request.parallelToolCalls === false) {
    if (family.family === 'claude' && (family.claudeVersion ?? 0) >= 405) {
      return { toolConfig: { tools }, claudeToolChoice: claudeChoice(toolChoice), forced };
    }
    losses.push({ field: 'parallel_tool_calls', reason: 'Bedrock can forbid parallel calls from Claude 4.5 on only' });
  }
  return { toolConfig: { tools, ...(toolChoice && { toolChoice }) }, forced };
}

function toolSpecs(tools: readonly Tool[], family: FamilyFacts, losses: Loss[]): JsonObject[] {
  const specs: JsonObject[] = [];
  for (const tool of tools) {
    if (tool.type === 'native') {
      if (tool.wire === 'bedrock-converse' && isObject(tool.value)) specs.push(tool.value);
      else losses.push({ field: `${tool.what} tool`, reason: `only ${tool.wire} carries it` });
      continue;
    }
    specs.push({
      toolSpec: {
        name: tool.name,
        ...(tool.description && { description: tool.description }),
        inputSchema: { json: objectSchema(tool.parameters) },
        ...(tool.strict === true && { strict: true }),
      },
    });
    const point = cachePoint(tool.cache, family, losses);
    if (point) specs.push(point);
  }
  return specs;
}

/** The top level of an input schema must say `object`. */
const objectSchema = (schema: JsonObject | undefined): JsonObject =>
  schema === undefined ? { type: 'object', properties: {} } : 'type' in schema ? schema : { type: 'object', ...schema };

/** The history calls tools that the request no longer offers: any input is right for them, none will be called anew. */
const specsFromHistory = (names: readonly string[]): JsonObject[] =>
  [...new Set(names.length > 0 ? names : ['unknown_tool'])].map((name) => ({
    toolSpec: { name, inputSchema: { json: { type: 'object' } } },
  }));

function nativeChoice(choice: ChatRequest['toolChoice'], request: ChatRequest): JsonObject | undefined {
  switch (choice?.type) {
    case 'auto':
      return { auto: {} };
    case 'required':
      return { any: {} };
    case 'allowed':
      return choice.required ? { any: {} } : { auto: {} };
    case 'tool':
      if (!request.tools.some((tool) => tool.type === 'function' && tool.name === choice.name)) {
        throw invalidRequest(`tool_choice names ${choice.name}, which is not among the tools.`, 'tool_choice');
      }
      return { tool: { name: choice.name } };
    default:
      return undefined;
  }
}

/** Given here only: a choice in `toolConfig` beside it is answered with a 400 about conflicting fields. */
function claudeChoice(toolChoice: JsonObject | undefined): JsonObject {
  const tool = toolChoice?.tool;
  const chosen = isObject(tool) ? { type: 'tool', name: tool.name } : { type: toolChoice?.any ? 'any' : 'auto' };
  return { ...chosen, disable_parallel_tool_use: true };
}
