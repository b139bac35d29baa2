import type { FunctionTool, Tool, ToolChoice } from '../../core/chat-request.ts';
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts';
import { cacheField } from './build-content.ts';
import type { Put } from './build-request.ts';
import { notSupported, type Writing } from './writing.ts';

/** `tools`, `tool_choice` and `parallel_tool_calls`; the last two only beside tools, where alone they are allowed. */
export function addTools(body: JsonObject, put: Put, writing: Writing): void {
  const { request, lose, refuses } = writing;
  const choice = request.toolChoice;
  // Who does not know allowed_tools is offered only the allowed ones, which comes to the same.
  const narrowed = choice?.type === 'allowed' && refuses('allowed_tools');
  const offered = narrowed ? request.tools.filter((tool) => choice.names.includes(nameOf(tool) ?? '')) : request.tools;
  const tools = offered.map((tool) => buildTool(tool, writing)).filter((tool) => tool !== undefined);
  if (tools.length > 0) put('tools', tools);

  if (body.tools === undefined) {
    if (choice && choice.type !== 'auto' && choice.type !== 'none') lose('tool_choice', 'no tool is left to choose');
    return;
  }
  if (choice) put('tool_choice', buildChoice(choice, narrowed, request.tools));
  put('parallel_tool_calls', request.parallelToolCalls);
}

function buildTool(tool: Tool, writing: Writing): JsonObject | undefined {
  if (tool.type === 'function') return functionTool(tool, writing);
  if (tool.wire === 'openai-chat' && isObject(tool.value)) return tool.value;
  writing.lose(`${tool.what} tool`, 'Chat Completions does not have it');
  return undefined;
}

function functionTool(tool: FunctionTool, writing: Writing): JsonObject {
  const { name, description, parameters } = tool;
  const strict = writing.refuses('strict') ? undefined : tool.strict;
  if (strict !== tool.strict) writing.lose('tools[].function.strict', notSupported);
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      // OpenAI reads a missing schema as this; Mistral and some others insist on one.
      parameters: parameters ?? { type: 'object', properties: {} },
      ...(strict !== undefined && { strict }),
    },
    ...cacheField(tool.cache, writing),
  };
}

function buildChoice(choice: ToolChoice, narrowed: boolean, tools: readonly Tool[]): unknown {
  switch (choice.type) {
    case 'tool':
      return named(choice.name, tools);
    case 'allowed': {
      const mode = choice.required ? 'required' : 'auto';
      if (narrowed) return mode;
      return { type: 'allowed_tools', allowed_tools: { mode, tools: choice.names.map((name) => named(name, tools)) } };
    }
    default:
      return choice.type;
  }
}

function named(name: string, tools: readonly Tool[]): JsonObject {
  const custom = tools.some((tool) => tool.type === 'native' && tool.what === 'custom' && nameOf(tool) === name);
  return custom ? { type: 'custom', custom: { name } } : { type: 'function', function: { name } };
}

function nameOf(tool: Tool): string | undefined {
  if (tool.type === 'function') return tool.name;
  const value = asObject(tool.value);
  return asString(asObject(value?.custom)?.name) ?? asString(value?.name);
}
