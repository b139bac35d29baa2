import type { AnswerTextKind } from '../core/answer-text.ts';
import { compileRule, type GuardRule } from './compile.ts';
import { type Rule, type RuleInput, ruleFields } from './rule.ts';
import type { TextEditor } from './text-editor.ts';
import { createTextStream } from './text-stream.ts';

/** A rule as people write it, ready for use. */
export const rule = (wish: Partial<RuleInput> & Pick<RuleInput, 'check'>): GuardRule => {
  const read: Rule = ruleFields.parse({ name: 'rule', action: 'redact', on: 'output', ...wish });
  return compileRule({ ...read, id: read.name });
};

/** What becomes of a text that comes in these pieces, and how much of it had left when each piece was taken. */
export function streamed(editor: TextEditor, pieces: readonly string[], kind: AnswerTextKind = 'text') {
  const stream = createTextStream(editor, kind);
  const settledAfter: number[] = [];
  for (const piece of pieces) {
    stream.push(piece);
    settledAfter.push(stream.settled);
  }
  stream.end();
  let text = '';
  let at = 0;
  for (const piece of pieces) {
    text += stream.changed(at, piece) ?? piece;
    at += piece.length;
  }
  return { text, settledAfter, length: at };
}
