import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { readCache } from './cache-control.ts';
import { check, wrong } from './check.ts';
import { customToolSchema, toolSchema } from './request-schemas.ts';
import { type SideFields, sidePaths } from './side-fields.ts';

const customFields: ReadonlySet<string> = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
]);

/** Tools as ours: a tool without a type, or of type `custom`, is a function; every other type stays whole for this wire. */
export function parseTools(tools: unknown[], side: SideFields): Tool[] {
  return tools.map((value, index) => {
    const path = `tools[${index}]`;
    const tool = check(toolSchema, value, path);
    const type = tool.type ?? 'custom';
    if (type !== 'custom') return { type: 'native', wire: 'anthropic-messages', what: type, value };
    return parseCustomTool(tool, path, side);
  });
}

function parseCustomTool(tool: JsonObject, path: string, side: SideFields): FunctionTool {
  const { name, description, input_schema: parameters, strict } = check(customToolSchema, tool, path);
  side.keepRest(sidePaths.tools, name, tool, customFields);
  const result: FunctionTool = { type: 'function', name, parameters };
  if (typeof description === 'string') result.description = description;
  if (typeof strict === 'boolean') result.strict = strict;
  const cache = readCache(tool, path);
  if (cache) result.cache = cache;
  return result;
}

/** `tool_choice` with its `disable_parallel_tool_use`, written into the request. */
export function parseToolChoice(
  choice: { type: string; name?: string | null; disable_parallel_tool_use?: boolean | null },
  request: ChatRequest,
): void {
  request.toolChoice = readChoice(choice);
  if (typeof choice.disable_parallel_tool_use === 'boolean') {
    request.parallelToolCalls = !choice.disable_parallel_tool_use;
  }
}

function readChoice(choice: { type: string; name?: string | null }): ToolChoice {
  switch (choice.type) {
    case 'auto':
      return { type: 'auto' };
    case 'any':
      return { type: 'required' };
    case 'none':
      return { type: 'none' };
    case 'tool':
      if (!choice.name) throw wrong('tool_choice.name', 'is required when `type` is `tool`');
      return { type: 'tool', name: choice.name };
    default:
      throw wrong('tool_choice.type', 'must be `auto`, `any`, `tool` or `none`');
  }
}
