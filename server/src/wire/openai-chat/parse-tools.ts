import { z } from 'zod';
import type { FunctionTool, ResponseFormat, Tool, ToolChoice } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { parseCache } from './parse-content.ts';
import { check, refuse } from './request-schema.ts';

const string = z.string('must be a string');
const name = string.min(1, 'must not be empty');
const anyObject = z.custom<JsonObject>(isObject, 'must be an object');
const functionSchema = z.looseObject(
  {
    name,
    description: string.nullish(),
    parameters: z.custom<JsonObject>(isObject, 'must be a JSON Schema object').nullish(),
    strict: z.boolean('must be true or false').nullish(),
  },
  'must be an object with a `name`',
);
const namedSchema = z.looseObject({ name }, 'must be an object with a `name`');
const allowedSchema = z.looseObject(
  {
    mode: z.enum(['auto', 'required'], 'must be auto or required'),
    tools: z.array(anyObject, 'must be an array of tools'),
  },
  'must be an object with `mode` and `tools`',
);
const jsonSchemaSchema = z.looseObject(
  {
    name,
    description: string.nullish(),
    schema: z.custom<JsonObject>(isObject, 'must be a JSON Schema object').nullish(),
    strict: z.boolean('must be true or false').nullish(),
  },
  'must be an object with `name` and `schema`',
);

/** Function tools are understood; every other kind (`custom`, a server's own) stays whole for this wire. */
export function parseTools(tools: readonly unknown[]): Tool[] {
  return tools.map((tool, at): Tool => {
    const path = `tools[${at}]`;
    if (!isObject(tool)) throw refuse(path, 'must be a tool, an object with a `type`');
    if (typeof tool.type !== 'string') throw refuse(`${path}.type`, 'must be a string, such as function');
    if (tool.type !== 'function') return { type: 'native', wire: 'openai-chat', what: tool.type, value: tool };
    const inner = isObject(tool.function) ? tool.function : {};
    const cache = parseCache(tool.cache_control === undefined ? inner : tool, path);
    return { ...functionTool(tool.function, `${path}.function`), ...cache };
  });
}

/** The deprecated `functions`. */
export const parseFunctions = (functions: readonly unknown[]): Tool[] =>
  functions.map((declared, at) => functionTool(declared, `functions[${at}]`));

export function parseToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  // Mistral's word.
  if (choice === 'any') return { type: 'required' };
  if (!isObject(choice)) throw refuse('tool_choice', 'must be none, auto, required, or an object that names the tools');
  switch (choice.type) {
    case 'function':
      return { type: 'tool', name: check(namedSchema, choice.function, 'tool_choice.function').name };
    case 'custom':
      return { type: 'tool', name: check(namedSchema, choice.custom, 'tool_choice.custom').name };
    case 'allowed_tools': {
      const { mode, tools } = check(allowedSchema, choice.allowed_tools, 'tool_choice.allowed_tools');
      const names = tools.map((tool, at) => {
        const path = `tool_choice.allowed_tools.tools[${at}]`;
        return check(namedSchema, tool.function ?? tool.custom ?? tool, path).name;
      });
      return { type: 'allowed', names, required: mode === 'required' };
    }
    default:
      throw refuse('tool_choice.type', 'must be one of function, custom, allowed_tools');
  }
}

/** The deprecated `function_call` of a request. */
export function parseFunctionChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none') return { type: choice };
  return { type: 'tool', name: check(namedSchema, choice, 'function_call').name };
}

/** The response format; undefined also for a type that only some server knows, which then stays an extension. */
export function parseResponseFormat(format: unknown): ResponseFormat | undefined {
  if (format === undefined || format === null) return undefined;
  if (!isObject(format) || typeof format.type !== 'string')
    throw refuse('response_format', 'must be an object with a `type` of text, json_object or json_schema');
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const declared = check(jsonSchemaSchema, format.json_schema, 'response_format.json_schema');
      return {
        type: 'json-schema',
        name: declared.name,
        ...(declared.description && { description: declared.description }),
        schema: declared.schema ?? {},
        ...(typeof declared.strict === 'boolean' && { strict: declared.strict }),
      };
    }
    default:
      return undefined;
  }
}

function functionTool(declared: unknown, path: string): FunctionTool {
  const { name: called, description, parameters, strict } = check(functionSchema, declared, path);
  return {
    type: 'function',
    name: called,
    ...(description && { description }),
    ...(parameters && { parameters }),
    ...(typeof strict === 'boolean' && { strict }),
  };
}
