import type { ChatPart } from '../../../../shared/src/chat.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { type ImportedConversation, type ImportedMessage, inOrder, timeOf } from './imported.ts';

/** ChatGPT's `conversations.json`: each conversation is a `mapping` of nodes, with `current_node` as the last one shown. */
export const isChatGpt = (value: unknown): value is JsonObject => isObject(value) && isObject(value.mapping);

export function readChatGpt(value: JsonObject, now: Date): ImportedConversation {
  const nodes = value.mapping as JsonObject;
  const createdAt = timeOf(value.create_time, now);
  const messages = new Map<string, ImportedMessage>();
  for (const [key, node] of Object.entries(nodes)) {
    const message = isObject(node) && isObject(node.message) ? node.message : undefined;
    const role = isObject(message?.author) ? message.author.role : undefined;
    if (!message || (role !== 'user' && role !== 'assistant')) continue;
    const hidden = isObject(message.metadata) && message.metadata.is_visually_hidden_from_conversation === true;
    const parts = partsOf(message.content);
    if (hidden || parts.length === 0) continue;
    const slug = isObject(message.metadata) ? message.metadata.model_slug : undefined;
    messages.set(key, {
      key,
      parentKey: null,
      role,
      parts,
      createdAt: timeOf(message.create_time, createdAt),
      metadata: role === 'assistant' && typeof slug === 'string' ? { model: slug } : {},
    });
  }
  const parentOf = (key: string) => {
    const node = nodes[key];
    return isObject(node) && typeof node.parent === 'string' ? node.parent : undefined;
  };
  let head = typeof value.current_node === 'string' ? value.current_node : undefined;
  while (head !== undefined && !messages.has(head)) head = parentOf(head);
  return {
    title: typeof value.title === 'string' ? value.title : '',
    createdAt,
    updatedAt: timeOf(value.update_time, createdAt),
    tags: [],
    messages: inOrder(messages, parentOf),
    headKey: head,
  };
}

function partsOf(content: unknown): ChatPart[] {
  if (!isObject(content)) return [];
  if (typeof content.text === 'string')
    return content.text === ''
      ? []
      : [{ type: 'text', text: content.content_type === 'code' ? fenced(content.text) : content.text }];
  if (!Array.isArray(content.parts)) return [];
  // Images and sounds stand in other files of the export; what is said about them is all that can be kept.
  return content.parts.flatMap((part): ChatPart[] =>
    typeof part === 'string' && part !== '' ? [{ type: 'text', text: part }] : [],
  );
}

const fenced = (code: string): string => `\`\`\`\n${code}\n\`\`\``;
