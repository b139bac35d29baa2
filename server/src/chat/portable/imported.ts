import type { AnswerMetadata, ChatPart } from '../../../../shared/src/chat.ts';

/** A conversation from a file, before it has ids of ours. Messages stand parents first; keys are the file's own. */
export interface ImportedConversation {
  title: string;
  createdAt: Date;
  updatedAt: Date;
  tags: string[];
  messages: ImportedMessage[];
  headKey?: string;
}

export interface ImportedMessage {
  key: string;
  parentKey: string | null;
  role: 'user' | 'assistant';
  parts: ChatPart[];
  createdAt: Date;
  metadata: AnswerMetadata;
}

/** A time that a file names in seconds or milliseconds since 1970, or as text. */
export function timeOf(value: unknown, otherwise: Date): Date {
  const date =
    typeof value === 'number'
      ? new Date(value < 1e11 ? value * 1000 : value)
      : typeof value === 'string'
        ? new Date(value)
        : undefined;
  return date && !Number.isNaN(date.getTime()) && date.getFullYear() >= 1970 && date.getFullYear() < 3000
    ? date
    : otherwise;
}

/**
 * Orders messages parents first, and hangs those whose parent is not among them under the nearest that is: files hold system and
 * tool messages that are not kept here. `parentOf` knows all of them.
 */
export function inOrder(
  messages: Map<string, ImportedMessage>,
  parentOf: (key: string) => string | null | undefined,
): ImportedMessage[] {
  const nearest = (key: string): string | null => {
    const seen = new Set([key]);
    for (let at = parentOf(key); at != null && !seen.has(at); at = parentOf(at)) {
      if (messages.has(at)) return at;
      seen.add(at);
    }
    return null;
  };
  const done = new Set<string>();
  const ordered: ImportedMessage[] = [];
  const add = (key: string, above: Set<string>): void => {
    const message = messages.get(key);
    if (!message || done.has(key) || above.has(key)) return;
    const parentKey = nearest(key);
    if (parentKey !== null) add(parentKey, new Set([...above, key]));
    if (done.has(key)) return;
    done.add(key);
    ordered.push({ ...message, parentKey: parentKey !== null && done.has(parentKey) ? parentKey : null });
  };
  for (const key of messages.keys()) add(key, new Set());
  return ordered;
}
