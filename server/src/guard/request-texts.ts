import type { ChatRequest, DocumentPart, Message, Part, ReasoningPart, Tool } from '../core/chat-request.ts';
import { isObject } from '../core/json.ts';
import { rewriteJson, rewriteJsonText } from './json-texts.ts';
import type { GuardRole } from './rule.ts';

export interface RequestRewriter {
  text(text: string, role: GuardRole): string;
  /** Thinking that goes back to its provider: whether its signature still holds for the text as it is now. */
  reasoning(text: string): { text: string; isSame: boolean };
}

/**
 * A chat request with every text rewritten: messages, results of tools, arguments of calls, text documents, descriptions of tools,
 * and what only the caller's dialect knows. The same request, not a copy, when nothing changed.
 */
export function rewriteRequest(request: ChatRequest, rewriter: RequestRewriter): ChatRequest {
  const messages = mapSame(request.messages, (message) => rewriteMessage(message, rewriter));
  const tools = mapSame(request.tools, (tool) => rewriteTool(tool, rewriter));
  const asUser = (text: string) => rewriter.text(text, 'user');
  const extensions = rewriteJson(request.extensions, asUser) as ChatRequest['extensions'];
  const metadata = rewriteJson(request.metadata, asUser) as ChatRequest['metadata'];
  const endUser = request.endUser === undefined ? undefined : asUser(request.endUser);
  if (
    messages === request.messages &&
    tools === request.tools &&
    extensions === request.extensions &&
    metadata === request.metadata &&
    endUser === request.endUser
  ) {
    return request;
  }
  return {
    ...request,
    messages,
    tools,
    extensions,
    ...(metadata && { metadata }),
    ...(endUser !== undefined && { endUser }),
  };
}

const roleOf = (role: Message['role']): GuardRole => (role === 'developer' ? 'system' : role);

function rewriteMessage(message: Message, rewriter: RequestRewriter): Message {
  const role = roleOf(message.role);
  const parts = mapSame(message.parts, (part) => rewritePart(part, role, rewriter));
  const name = message.name === undefined ? undefined : rewriter.text(message.name, role);
  if (parts === message.parts && name === message.name) return message;
  return { ...message, parts, ...(name !== undefined && { name }) };
}

function rewritePart(part: Part, role: GuardRole, rewriter: RequestRewriter): Part {
  const rewrite = (text: string) => (text === '' ? text : rewriter.text(text, role));
  switch (part.type) {
    case 'text':
    case 'refusal': {
      const text = rewrite(part.text);
      return text === part.text ? part : { ...part, text };
    }
    case 'reasoning':
      return rewriteReasoning(part, rewriter);
    case 'tool-call': {
      const json = rewriteJsonText(part.arguments, rewrite);
      return json === part.arguments ? part : { ...part, arguments: json };
    }
    case 'tool-result': {
      const parts = mapSame(part.parts, (inner) => rewritePart(inner, 'tool', rewriter) as typeof inner);
      return parts === part.parts ? part : { ...part, parts };
    }
    case 'document':
      return rewriteDocument(part, rewrite);
    case 'opaque': {
      const value = rewriteJson(part.value, rewrite);
      return value === part.value ? part : { ...part, value };
    }
    case 'image':
    case 'audio':
    case 'video':
      return part;
  }
}

function rewriteReasoning(part: ReasoningPart, rewriter: RequestRewriter): ReasoningPart {
  if (part.text === '') return part;
  const { text, isSame } = rewriter.reasoning(part.text);
  if (text === part.text) return part;
  if (isSame) return { ...part, text };
  // A provider refuses thinking whose signature is another text's.
  const { signature: _, ...unsigned } = part;
  return { ...unsigned, text };
}

function rewriteDocument(part: DocumentPart, rewrite: (text: string) => string): DocumentPart {
  const context = part.context === undefined ? undefined : rewrite(part.context);
  let { source } = part;
  if (source.kind === 'base64' && source.mediaType.startsWith('text/')) {
    const text = Buffer.from(source.data, 'base64').toString('utf8');
    const changed = rewrite(text);
    if (changed !== text) source = { ...source, data: Buffer.from(changed).toString('base64') };
  }
  if (source === part.source && context === part.context) return part;
  return { ...part, source, ...(context !== undefined && { context }) };
}

function rewriteTool(tool: Tool, rewriter: RequestRewriter): Tool {
  if (tool.type !== 'function') return tool;
  const describe = (text: string) => rewriter.text(text, 'system');
  const description = tool.description === undefined ? undefined : describe(tool.description);
  const parameters = tool.parameters && rewriteDescriptions(tool.parameters, describe);
  if (description === tool.description && parameters === tool.parameters) return tool;
  return { ...tool, ...(description !== undefined && { description }), ...(parameters && { parameters }) };
}

/** Only what a schema says in words: its names, values and patterns are part of its meaning. */
function rewriteDescriptions<Value>(value: Value, describe: (text: string) => string): Value {
  if (Array.isArray(value)) return mapSame(value, (each) => rewriteDescriptions(each, describe)) as Value;
  if (!isObject(value)) return value;
  let changed: Record<string, unknown> | undefined;
  for (const [name, each] of Object.entries(value)) {
    const now =
      name === 'description' && typeof each === 'string' ? describe(each) : rewriteDescriptions(each, describe);
    if (now === each) continue;
    changed ??= { ...value };
    changed[name] = now;
  }
  return (changed as Value) ?? value;
}

function mapSame<Item>(items: Item[], change: (item: Item) => Item): Item[] {
  let changed: Item[] | undefined;
  for (let index = 0; index < items.length; index++) {
    const now = change(items[index]!);
    if (now === items[index]) continue;
    changed ??= [...items];
    changed[index] = now;
  }
  return changed ?? items;
}
