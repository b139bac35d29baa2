import type { ChatRequest, FunctionTool, ToolChoice } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { InputContext } from './build-input.ts';

/** The tools that the Responses API can carry; native tools of other wires become losses. */
export function buildTools({ request, lose }: InputContext): unknown[] {
  const tools: unknown[] = [];
  for (const tool of request.tools) {
    if (tool.type === 'function') {
      if (tool.cache) lose('cache_control', 'OpenAI caches prompts by itself');
      tools.push(buildFunction(tool, request));
    } else if (tool.wire === 'openai-responses') tools.push(tool.value);
    else lose(`${tool.what} tool`, 'only the provider that offers it can run it');
  }
  return tools;
}

function buildFunction(tool: FunctionTool, request: ChatRequest): JsonObject {
  const built: JsonObject = { type: 'function', name: tool.name };
  if (tool.description !== undefined) built.description = tool.description;
  built.parameters = tool.parameters ?? { type: 'object', properties: {} };
  if (tool.strict !== undefined) built.strict = tool.strict;
  // Left out, it means strict here and not strict everywhere else.
  else if (request.dialect !== 'openai-responses') built.strict = false;
  return built;
}

export function buildToolChoice(choice: ToolChoice): unknown {
  switch (choice.type) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.type;
    case 'tool':
      return { type: 'function', name: choice.name };
    case 'allowed':
      return {
        type: 'allowed_tools',
        mode: choice.required ? 'required' : 'auto',
        tools: choice.names.map((name) => ({ type: 'function', name })),
      };
  }
}
