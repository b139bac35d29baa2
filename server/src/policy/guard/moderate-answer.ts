import type { ReadFrame } from '../../core/answer-text.ts';
import type { CallContext } from '../../core/call.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import type { GuardRule } from '../../guard/compile.ts';
import { createNotes } from '../../guard/notes.ts';
import { wordsOf } from './answer-so-far.ts';
import { type AskModeration, becauseOf, moderateText } from './moderate-texts.ts';
import { blocked, tell } from './verdict.ts';

export interface ModerateAnswerDeps {
  read: ReadFrame;
  context: CallContext;
  rule: GuardRule;
  moderate: AskModeration;
}

/** How much of an answer is judged at once, in characters, and how much of what was judged is shown again as context. */
const segmentLength = 1000;
const overlapLength = 200;
const longestFlagged = 100_000;

/**
 * Has an answer judged by an endpoint, segment by segment: what a rule may block waits for the verdict on its segment, no longer.
 * A rule that only flags holds nothing back and asks once, at the end.
 */
export async function* moderateAnswer(frames: Frames, { read, context, rule, moderate }: ModerateAnswerDeps): Frames {
  const notes = createNotes('output');
  const holds = rule.action === 'block';
  const held: Frame[] = [];
  let segment = '';
  let before = '';

  async function judge(): Promise<void> {
    const categories = await moderateText(moderate, rule, 'output', before + segment, context);
    before = (before + segment).slice(-overlapLength);
    segment = '';
    if (!categories) return;
    for (const category of categories) notes.add(rule, category.slice(0, 60));
    if (holds) throw blocked(rule.name, "the model's answer", becauseOf(categories));
  }

  try {
    for await (const frame of frames) {
      const { text } = wordsOf(frame, read);
      if (!holds) {
        if (segment.length < longestFlagged) segment += text;
        yield frame;
        continue;
      }
      segment += text;
      // Frames without words that come before any are not worth a wait: the stream begins.
      if (segment === '' && held.length === 0) {
        yield frame;
        continue;
      }
      held.push(frame);
      if (segment.length < segmentLength) continue;
      await judge();
      yield* held.splice(0);
    }
    if (segment !== '') await judge();
    yield* held;
  } finally {
    tell(context, notes.all());
  }
}
