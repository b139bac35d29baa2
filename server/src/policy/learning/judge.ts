import type { ChatCall } from '../../core/call.ts';
import type { ChatAnswer } from '../../core/chat-answer.ts';
import { askAbout, textOf } from '../ask-about.ts';

const instructions =
  'You grade answers. You are given a conversation and an answer to its last message. Grade how correct, complete and useful the answer is, from 0 (useless or wrong) to 10 (as good as it can be). Say the number alone.';

/** A call that asks for the grade of an answer; undefined when it has no words to be graded by. */
export const gradingCall = (call: ChatCall, judge: string, answer: ChatAnswer): ChatCall | undefined =>
  askAbout(call, judge, instructions, answer);

/** The grade that a judge gave, 0 to 1; undefined when there is no number in what it said. */
export function gradeOf(answer: ChatAnswer): number | undefined {
  const said = /(?<![\d.])(10|\d)(?:\.(\d))?(?:\s*\/\s*10)?(?![\d])/.exec(textOf(answer.choices[0]?.parts ?? []));
  if (!said) return undefined;
  return Math.min(1, Number(`${said[1]}.${said[2] ?? 0}`) / 10);
}
