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
  const times = new Map<string, number>();
  const used = new Set<number>();
  /** Answers come after their questions, and no two at once: messages are shown in the order of their times. */
  const timeFor = ({ createdAt }: ImportedMessage, parentKey: string | null): number => {
    const parent = parentKey === null ? undefined : times.get(parentKey);
    let time = Math.max(createdAt.getTime(), parent === undefined ? 0 : parent + 1);
    while (used.has(time)) time++;
    used.add(time);
    return time;
  };
  const add = (key: string, above: Set<string>): void => {
    const message = messages.get(key);
    if (!message || done.has(key) || above.has(key)) return;
    const parentKey = nearest(key);
    if (parentKey !== null) add(parentKey, new Set([...above, key]));
    if (done.has(key)) return;
    done.add(key);
    const under = parentKey !== null && done.has(parentKey) ? parentKey : null;
    const time = timeFor(message, under);
    times.set(key, time);
    ordered.push({ ...message, parentKey: under, createdAt: new Date(time) });
  };
  for (const key of messages.keys()) add(key, new Set());
  return ordered;
}
