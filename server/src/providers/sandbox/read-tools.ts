import { isObject, type JsonObject } from '../../core/json.ts';
import { invalid } from './fault.ts';
import { missing, wrongType } from './read-field.ts';

export interface SandboxTool {
  name: string;
  description: string;
  /** JSON Schema; `{}` when the tool takes no arguments. */
  parameters: JsonObject;
}

/** `names` are the tools that may be called; `mode` says whether one must be. */
export interface SandboxToolChoice {
  mode: 'none' | 'auto' | 'required';
  names: string[];
}

/** Reads `tools`. Only function tools are known. */
export function readTools(body: JsonObject): SandboxTool[] {
  const tools = body.tools ?? undefined;
  if (tools === undefined) return [];
  if (!Array.isArray(tools)) throw wrongType('tools', 'an array', tools);
  return tools.map((tool, index) => {
    const at = `tools[${index}]`;
    if (!isObject(tool)) throw wrongType(at, 'an object', tool);
    if (tool.type === undefined) throw missing(`${at}.type`);
    if (tool.type !== 'function')
      throw invalid(`Invalid tool type '${String(tool.type)}': the sandbox knows function tools.`, `${at}.type`);
    const called = tool.function;
    if (!isObject(called)) throw missing(`${at}.function`);
    if (typeof called.name !== 'string') throw missing(`${at}.function.name`);
    if (!/^[\w.:-]{1,128}$/.test(called.name))
      throw invalid(`Invalid tool name '${called.name.slice(0, 160)}'.`, `${at}.function.name`);
    const parameters = called.parameters ?? {};
    if (!isObject(parameters)) throw wrongType(`${at}.function.parameters`, 'an object', parameters);
    const description = typeof called.description === 'string' ? called.description : '';
    return { name: called.name, description, parameters };
  });
}

/** Reads `tool_choice`: `none`, `auto`, `required`, one named function, or `allowed_tools`. */
export function readToolChoice(body: JsonObject, tools: SandboxTool[]): SandboxToolChoice {
  const choice = body.tool_choice ?? undefined;
  const names = tools.map((tool) => tool.name);
  if (choice === undefined || choice === 'auto') return { mode: 'auto', names };
  if (choice === 'none') return { mode: 'none', names: [] };
  if (tools.length === 0) throw invalid("'tool_choice' is only allowed when 'tools' are given.", 'tool_choice');
  if (choice === 'required') return { mode: 'required', names };
  if (!isObject(choice)) throw invalid(`Invalid tool choice '${String(choice)}'.`, 'tool_choice');
  if (choice.type === 'function') return { mode: 'required', names: [knownName(choice, names, 'tool_choice')] };
  if (choice.type === 'allowed_tools') {
    const allowed = isObject(choice.allowed_tools) ? choice.allowed_tools : choice;
    if (!Array.isArray(allowed.tools)) throw missing('tool_choice.allowed_tools.tools');
    return {
      mode: allowed.mode === 'required' ? 'required' : 'auto',
      names: allowed.tools.map((tool, index) => knownName(tool, names, `tool_choice.allowed_tools.tools[${index}]`)),
    };
  }
  throw invalid(`Invalid tool choice type '${String(choice.type)}'.`, 'tool_choice.type');
}

function knownName(tool: unknown, names: string[], at: string): string {
  const called = isObject(tool) ? tool.function : undefined;
  const name = isObject(called) ? called.name : undefined;
  if (typeof name !== 'string') throw missing(`${at}.function.name`);
  if (!names.includes(name)) throw invalid(`The tool '${name}' is not among 'tools'.`, `${at}.function.name`);
  return name;
}
