import type { ChatCall } from '../../core/call.ts';
import type { ChatAnswer } from '../../core/chat-answer.ts';
import { askAbout, textOf } from '../ask-about.ts';

const instructions =
  'You check answers. You are given a conversation and the answer to its last message. Say YES when the answer is correct, complete and does what was asked, and NO when it is not. Say nothing else.';

/** A call that asks whether an answer is right; undefined when it has no words to be judged by, as a tool call. */
export const verifyingCall = (call: ChatCall, verifier: string, answer: ChatAnswer): ChatCall | undefined =>
  askAbout(call, verifier, instructions, answer);

/** Whether a verifier's answer is a yes. Anything but a clear no lets the answer pass. */
export function approves({ choices }: ChatAnswer): boolean {
  const words = textOf(choices[0]?.parts ?? [])
    .replace(/[^a-z]+/gi, ' ')
    .trim()
    .toUpperCase();
  return !/^NO\b|\bNO$/.test(words);
}
