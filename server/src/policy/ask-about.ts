import type { ChatCall } from '../core/call.ts';
import type { ChatAnswer } from '../core/chat-answer.ts';
import type { Message, Part } from '../core/chat-request.ts';

// A judge sees the end of a long conversation and the beginning of a long answer.
const mostCharacters = 20_000;

/**
 * A call that asks another model about an answer to a call. Undefined when the answer has no words, as one that only calls tools.
 */
export function askAbout(
  call: ChatCall,
  model: string,
  instructions: string,
  { choices }: ChatAnswer,
): ChatCall | undefined {
  const answer = textOf(choices[0]?.parts ?? []);
  if (answer.trim() === '') return undefined;
  const conversation = call.request.messages.map(({ role, parts }) => `${role}: ${textOf(parts)}`).join('\n\n');
  return askOnTheSide(
    call,
    model,
    instructions,
    `Conversation:\n${conversation.slice(-mostCharacters)}\n\nAnswer to be judged:\n${answer.slice(0, mostCharacters)}`,
  );
}

/**
 * A call of the gateway's own beside a caller's: instructions and a text, answered in one piece. It keeps what a policy demanded of
 * whoever answers the caller, but for the group.
 */
export function askOnTheSide({ constraints }: ChatCall, model: string, instructions: string, text: string): ChatCall {
  const message = (role: Message['role'], words: string): Message => ({ role, parts: [{ type: 'text', text: words }] });
  return {
    operation: 'chat',
    dialect: 'openai-chat',
    model,
    stream: false,
    passHeaders: {},
    ...(constraints && { constraints: { ...constraints, group: undefined } }),
    request: {
      dialect: 'openai-chat',
      model,
      messages: [message('system', instructions), message('user', text)],
      tools: [],
      stop: [],
      n: 1,
      temperature: 0,
      // A model that thinks needs room before it says the word.
      maxOutputTokens: 1024,
      stream: false,
      includeUsage: false,
      extensions: {},
    },
  };
}

export const textOf = (parts: readonly { type: string }[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? [(part as Extract<Part, { type: 'text' }>).text] : [])).join('\n');
