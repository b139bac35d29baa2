import type { FunctionTool, Tool, ToolChoice } from '../../core/chat-request.ts';
import { asObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { arrayAt, objectAt, optionalStringAt, stringAt } from './checks.ts';
import { meetsStrictRules } from './strict-schema.ts';

/** The `tools` of a request. All but plain functions are kept whole, as native tools. */
export const parseTools = (tools: unknown[]): Tool[] => tools.map((tool, index) => parseTool(tool, `tools[${index}]`));

function parseTool(value: unknown, path: string): Tool {
  const tool = objectAt(value, path);
  const type = stringAt(tool.type, `${path}.type`);
  if (type !== 'function' || isHeldBack(tool))
    return { type: 'native', wire: 'openai-responses', what: type, value: tool };
  const parsed: FunctionTool = { type: 'function', name: stringAt(tool.name, `${path}.name`) };
  const description = optionalStringAt(tool.description, `${path}.description`);
  if (description !== undefined) parsed.description = description;
  if (tool.parameters !== undefined && tool.parameters !== null) {
    parsed.parameters = objectAt(tool.parameters, `${path}.parameters`);
  }
  const { strict } = tool;
  if (typeof strict === 'boolean') parsed.strict = strict;
  else if (strict !== undefined && strict !== null)
    throw invalidRequest(`\`${path}.strict\` must be a boolean.`, `${path}.strict`);
  // The default here is strict, as far as the schema allows: OpenAI bends a schema that does not meet its rules, other
  // providers refuse it. So strictness is promised only where it can be kept.
  else if (meetsStrictRules(parsed.parameters)) parsed.strict = true;
  return parsed;
}

/** Functions that only programs may call, or that a tool search must load first, are of no use to another wire. */
const isHeldBack = (tool: JsonObject): boolean =>
  tool.defer_loading === true || (Array.isArray(tool.allowed_callers) && !tool.allowed_callers.includes('direct'));

/** The `tool_choice` of a request; undefined when it names a native tool, which only this wire can carry. */
export function parseToolChoice(value: unknown): ToolChoice | undefined {
  if (typeof value === 'string') {
    if (value === 'auto' || value === 'none' || value === 'required') return { type: value };
    throw invalidRequest('`tool_choice` must be auto, none, required or an object.', 'tool_choice');
  }
  const choice = objectAt(value, 'tool_choice');
  switch (stringAt(choice.type, 'tool_choice.type')) {
    case 'function':
      return { type: 'tool', name: stringAt(choice.name, 'tool_choice.name') };
    case 'allowed_tools': {
      if (choice.mode !== 'auto' && choice.mode !== 'required') {
        throw invalidRequest('`tool_choice.mode` must be auto or required.', 'tool_choice.mode');
      }
      const tools = arrayAt(choice.tools, 'tool_choice.tools');
      const names = tools.flatMap((tool) => {
        const named = asObject(tool);
        return named?.type === 'function' && typeof named.name === 'string' ? [named.name] : [];
      });
      if (names.length < tools.length) return undefined;
      return { type: 'allowed', names, required: choice.mode === 'required' };
    }
    default:
      return undefined;
  }
}
