import type { ChatPart } from '../../../../shared/src/chat.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { type ImportedConversation, type ImportedMessage, inOrder, timeOf } from './imported.ts';

/** Open WebUI's export: `{ chat: { history: { messages: {id: …}, currentId } } }`. */
export const isOpenWebUi = (value: unknown): value is JsonObject & { chat: JsonObject } =>
  isObject(value) && isObject(value.chat) && isObject(value.chat.history) && isObject(value.chat.history.messages);

export function readOpenWebUi(value: JsonObject & { chat: JsonObject }, now: Date): ImportedConversation {
  const { chat } = value;
  const history = chat.history as JsonObject;
  const nodes = history.messages as JsonObject;
  const createdAt = timeOf(value.created_at ?? chat.timestamp, now);
  const messages = new Map<string, ImportedMessage>();
  for (const [key, node] of Object.entries(nodes)) {
    if (!isObject(node) || (node.role !== 'user' && node.role !== 'assistant')) continue;
    const parts = partsOf(node.content);
    if (parts.length === 0) continue;
    messages.set(key, {
      key,
      parentKey: null,
      role: node.role,
      parts,
      createdAt: timeOf(node.timestamp, createdAt),
      metadata: typeof node.model === 'string' ? { model: node.model } : {},
    });
  }
  const parentOf = (key: string) => {
    const node = nodes[key];
    return isObject(node) && typeof node.parentId === 'string' ? node.parentId : undefined;
  };
  let head = typeof history.currentId === 'string' ? history.currentId : undefined;
  while (head !== undefined && !messages.has(head)) head = parentOf(head);
  const tags = isObject(value.meta) && Array.isArray(value.meta.tags) ? value.meta.tags : chat.tags;
  return {
    title: String(value.title ?? chat.title ?? ''),
    createdAt,
    updatedAt: timeOf(value.updated_at, createdAt),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    messages: inOrder(messages, parentOf),
    headKey: head,
  };
}

// Thinking stands in the text itself, in a <details type="reasoning"> block of quoted lines.
const thinking = /<details type="reasoning"[^>]*>\s*(?:<summary>[\s\S]*?<\/summary>)?([\s\S]*?)<\/details>/g;

function partsOf(content: unknown): ChatPart[] {
  if (typeof content !== 'string') return [];
  const parts: ChatPart[] = [];
  for (const [, thought = ''] of content.matchAll(thinking)) {
    const text = thought.replace(/^\s*>\s?/gm, '').trim();
    if (text !== '') parts.push({ type: 'reasoning', text });
  }
  const text = content.replace(thinking, '').trim();
  if (text !== '') parts.push({ type: 'text', text });
  return parts;
}
