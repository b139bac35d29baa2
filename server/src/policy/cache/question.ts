import type { ChatRequest, Part } from '../../core/chat-request.ts';

/** Longer questions differ in what an embedding of the whole does not see. */
const longestQuestion = 2000;

/**
 * The last user turn as text, when a question with the same meaning may be given the same answer: a short text, in a
 * conversation that is nothing but text. Undefined for tool loops (their answers depend on what a tool found), pictures, sounds
 * and documents.
 */
export function questionOf({ messages }: ChatRequest): string | undefined {
  const last = messages.at(-1);
  if (last?.role !== 'user' || !messages.every(({ parts }) => parts.every(isText))) return undefined;
  const text = last.parts
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('\n')
    .trim();
  return text === '' || text.length > longestQuestion ? undefined : text;
}

const isText = ({ type }: Part): boolean => type === 'text' || type === 'refusal' || type === 'reasoning';

/** A provider's own tools look at the world, which changes. */
export const isCacheable = ({ tools }: ChatRequest): boolean => tools.every(({ type }) => type === 'function');

/** Whether chance has a part in the answer. A model that is not told a temperature uses one. */
export const isSampled = ({ temperature, topK }: ChatRequest): boolean => temperature !== 0 && topK !== 1;
