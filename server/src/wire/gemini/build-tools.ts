import type { ChatRequest, FunctionTool, ToolChoice } from '../../core/chat-request.ts';
import { asObject, isObject, type JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { lose } from './losses.ts';
import { declarationExtras } from './parse-tools.ts';

/** Tools: all functions in one entry, their schemas untouched as JSON Schema, then Gemini's own tools. */
export function buildTools(request: ChatRequest, losses: Loss[]): JsonObject[] {
  const declarations: JsonObject[] = [];
  const natives: JsonObject[] = [];
  const extras = asObject(request.extensions.gemini?.[declarationExtras]);
  for (const tool of request.tools) {
    if (tool.type === 'function') {
      if (tool.cache) lose(losses, 'cache_control', 'Gemini caches by itself');
      declarations.push(declarationOf(tool, asObject(extras?.[tool.name])));
    } else if (tool.wire === 'gemini' && isObject(tool.value)) natives.push(tool.value);
    else lose(losses, `${tool.what} tool`, `only ${tool.wire} has it`);
  }
  return declarations.length > 0 ? [{ functionDeclarations: declarations }, ...natives] : natives;
}

function declarationOf(tool: FunctionTool, extra: JsonObject | undefined): JsonObject {
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...(tool.parameters !== undefined && { parametersJsonSchema: tool.parameters }),
    ...extra,
  };
}

/** The tool choice as `functionCallingConfig`; undefined when nothing is to be said. */
export function buildToolChoice(request: ChatRequest): JsonObject | undefined {
  const functions = request.tools.filter((tool): tool is FunctionTool => tool.type === 'function');
  if (functions.length === 0) return undefined;
  const { toolChoice } = request;
  // VALIDATED keeps the arguments to the schema and still leaves the choice to the model: what `strict` asks.
  const strict = functions.some((tool) => tool.strict === true);
  if (!toolChoice) return strict ? { mode: 'VALIDATED' } : undefined;
  return configOf(toolChoice, strict);
}

function configOf(choice: ToolChoice, strict: boolean): JsonObject {
  switch (choice.type) {
    case 'auto':
      return { mode: strict ? 'VALIDATED' : 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
    case 'allowed':
      // AUTO takes no names.
      return { mode: choice.required ? 'ANY' : 'VALIDATED', allowedFunctionNames: choice.names };
  }
}
