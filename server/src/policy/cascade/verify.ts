import type { ChatCall } from '../../core/call.ts';
import type { ChatAnswer } from '../../core/chat-answer.ts';
import type { Message, Part } from '../../core/chat-request.ts';

const instructions =
  'You check answers. You are given a conversation and the answer to its last message. Say YES when the answer is correct, complete and does what was asked, and NO when it is not. Say nothing else.';
const mostCharacters = 20_000;

/** A call that asks whether an answer is right; undefined when it has no words to be judged by, as a tool call. */
export function verifyingCall(call: ChatCall, verifier: string, { choices }: ChatAnswer): ChatCall | undefined {
  const answer = textOf(choices[0]?.parts ?? []);
  if (answer.trim() === '') return undefined;
  const conversation = call.request.messages.map(({ role, parts }) => `${role}: ${textOf(parts)}`).join('\n\n');
  const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
  return {
    operation: 'chat',
    dialect: 'openai-chat',
    model: verifier,
    stream: false,
    passHeaders: {},
    ...(call.constraints && { constraints: { ...call.constraints, group: undefined } }),
    request: {
      dialect: 'openai-chat',
      model: verifier,
      messages: [
        { role: 'system', parts: [{ type: 'text', text: instructions }] },
        user(
          `Conversation:\n${conversation.slice(-mostCharacters)}\n\nAnswer to be checked:\n${answer.slice(0, mostCharacters)}`,
        ),
      ],
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

/** Whether a verifier's answer is a yes. Anything but a clear no lets the answer pass. */
export function approves({ choices }: ChatAnswer): boolean {
  const words = textOf(choices[0]?.parts ?? [])
    .replace(/[^a-z]+/gi, ' ')
    .trim()
    .toUpperCase();
  return !/^NO\b|\bNO$/.test(words);
}

const textOf = (parts: readonly { type: string }[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? [(part as Extract<Part, { type: 'text' }>).text] : [])).join('\n');
