import type { ReadFrame } from '../../core/answer-text.ts';
import type { CallContext } from '../../core/call.ts';
import type { Frames } from '../../core/frame.ts';
import type { GuardRule } from '../../guard/compile.ts';
import { type Judgement, judgeLanguage, judgeSize } from '../../guard/judge.ts';
import { createNotes } from '../../guard/notes.ts';
import { judgeAtEnd, type Words } from './answer-so-far.ts';
import { blocked, tell } from './verdict.ts';

/** So many characters tell a language well enough; a shorter answer is judged at its end. */
const enoughForLanguage = 200;

/** Judges an answer by its length and its language while it passes. The frame that goes too far is not passed on. */
export async function* watchAnswer(
  frames: Frames,
  read: ReadFrame,
  context: CallContext,
  rules: readonly GuardRule[],
): Frames {
  const notes = createNotes('output');
  let open = [...rules];
  let text = '';
  let characters = 0;

  function look(over: boolean): void {
    for (const rule of open) {
      const judgement = judge(rule, over);
      if (!judgement) continue;
      open = open.filter((each) => each !== rule);
      if (judgement === 'fine') continue;
      notes.add(rule, judgement.label, judgement.figure);
      if (rule.action === 'block') throw blocked(rule.name, "the model's answer", judgement.because);
    }
  }

  function judge({ check }: GuardRule, over: boolean): Judgement | 'fine' | undefined {
    if (check.kind === 'size')
      return judgeSize(
        { ...check, maxTokens: undefined, maxMessages: undefined },
        { characters, tokens: () => 0, messages: 0 },
      );
    if (check.kind !== 'language' || (!over && text.length < enoughForLanguage)) return undefined;
    return judgeLanguage(check, text) ?? 'fine';
  }

  function hear({ text: words }: Words): void {
    if (words === '') return;
    characters += words.length;
    if (text.length < enoughForLanguage) text += words;
    look(false);
  }

  try {
    yield* judgeAtEnd(frames, read, hear, () => look(true));
  } finally {
    tell(context, notes.all());
  }
}
