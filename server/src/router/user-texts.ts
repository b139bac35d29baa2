import type { ChatRequest } from '../core/chat-request.ts';

/**
 * What users wrote in a conversation, message by message, without empty ones. Turns of a tool loop add none, and each turn only
 * adds to those before: a choice that must do for all of them is kept through a loop and never becomes a weaker one.
 */
export function userTexts({ messages }: ChatRequest): string[] {
  const texts: string[] = [];
  for (const { role, parts } of messages) {
    if (role !== 'user') continue;
    let text = '';
    for (const part of parts) if (part.type === 'text') text = text === '' ? part.text : `${text}\n${part.text}`;
    if (text !== '') texts.push(text);
  }
  return texts;
}
