const prefix = 'gcall_';

/**
 * Gemini may leave function calls without an id while the other dialects need one. Ours is made from where the call stands
 * (`seed` is unique within a conversation), so the same bytes always give the same id. At most 40 characters for OpenAI.
 */
export const madeCallId = (seed: string, index: number): string => `${prefix}${seed.slice(0, 28)}_${index}`;

/** An id that we made is never shown to Gemini: it matches such calls by name and order. */
export const isMadeCallId = (id: string): boolean => id.startsWith(prefix);
