import type { FunctionTool, Tool, ToolChoice } from '../../core/chat-request.ts';
import { asString, isObject, type JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { asList, camelKeys, present } from './names.ts';
import { jsonSchemaOf } from './openapi-schema.ts';

/** Tools of a body; what a neutral function tool has no place for goes to `extensions` under the name it returns with. */
export function parseTools(value: unknown, extensions: JsonObject): Tool[] {
  const tools: Tool[] = [];
  const extras: JsonObject = {};
  for (const [index, raw] of asList(value).entries()) {
    const path = `tools[${index}]`;
    if (!isObject(raw))
      throw invalidRequest(`${path} must be an object with functionDeclarations or another tool.`, path);
    for (const [what, tool] of Object.entries(camelKeys(raw))) {
      if (!present(tool)) continue;
      if (what !== 'functionDeclarations') {
        tools.push({ type: 'native', wire: 'gemini', what, value: { [what]: tool } });
        continue;
      }
      for (const [place, declaration] of asList(tool).entries())
        tools.push(parseDeclaration(declaration, `${path}.functionDeclarations[${place}]`, extras));
    }
  }
  if (Object.keys(extras).length > 0) extensions[declarationExtras] = extras;
  return tools;
}

/** The extension that keeps `behavior`, `response` … of each function by its name. */
export const declarationExtras = 'tools[].functionDeclarations[]';

function parseDeclaration(raw: unknown, path: string, extras: JsonObject): FunctionTool {
  if (!isObject(raw)) throw invalidRequest(`${path} must be an object with a name.`, path);
  const { name, description, parameters, parametersJsonSchema, ...rest } = camelKeys(raw);
  if (typeof name !== 'string' || name === '')
    throw invalidRequest(`${path}.name must be the name of the function.`, `${path}.name`);
  if (present(description) && typeof description !== 'string')
    throw invalidRequest(`${path}.description must be a string.`, `${path}.description`);
  const tool: FunctionTool = { type: 'function', name };
  if (typeof description === 'string') tool.description = description;
  if (present(parametersJsonSchema)) {
    if (!isObject(parametersJsonSchema))
      throw invalidRequest(`${path}.parametersJsonSchema must be a JSON Schema.`, `${path}.parametersJsonSchema`);
    tool.parameters = parametersJsonSchema;
  } else if (present(parameters)) {
    if (!isObject(parameters)) throw invalidRequest(`${path}.parameters must be a schema.`, `${path}.parameters`);
    tool.parameters = jsonSchemaOf(parameters);
  }
  if (Object.keys(rest).length > 0) extras[name] = rest;
  return tool;
}

/** `toolConfig` as a tool choice; its other settings, and mode VALIDATED, go to `extensions`. */
export function parseToolConfig(value: unknown, extensions: JsonObject): ToolChoice | undefined {
  if (!present(value)) return undefined;
  if (!isObject(value)) throw invalidRequest('toolConfig must be an object.', 'toolConfig');
  const { functionCallingConfig, ...rest } = camelKeys(value);
  for (const [key, field] of Object.entries(rest)) if (present(field)) extensions[`toolConfig.${key}`] = field;
  if (!present(functionCallingConfig)) return undefined;
  const path = 'toolConfig.functionCallingConfig';
  if (!isObject(functionCallingConfig)) throw invalidRequest(`${path} must be an object.`, path);
  const { mode, allowedFunctionNames, ...others } = camelKeys(functionCallingConfig);
  for (const [key, field] of Object.entries(others)) if (present(field)) extensions[`${path}.${key}`] = field;
  const names = asList(allowedFunctionNames).map((name) => {
    if (typeof name === 'string') return name;
    throw invalidRequest(`${path}.allowedFunctionNames must be a list of names.`, `${path}.allowedFunctionNames`);
  });
  switch (asString(mode)?.toUpperCase() ?? (present(mode) ? '' : 'AUTO')) {
    case 'AUTO':
    case 'MODE_UNSPECIFIED':
      return { type: 'auto' };
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (names.length === 0) return { type: 'required' };
      return names.length === 1 ? { type: 'tool', name: names[0]! } : { type: 'allowed', names, required: true };
    case 'VALIDATED':
      extensions[`${path}.mode`] = 'VALIDATED';
      return names.length === 0 ? { type: 'auto' } : { type: 'allowed', names, required: false };
    default:
      throw invalidRequest(`${path}.mode must be AUTO, ANY, NONE or VALIDATED.`, `${path}.mode`);
  }
}
