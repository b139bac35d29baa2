import type { ReadFrame } from '../../core/answer-text.ts';
import type { Frame, Frames } from '../../core/frame.ts';

/** What one frame says. */
export interface Words {
  /** The words of the first choice: no thinking, no arguments, nothing that is told a second time. */
  text: string;
  /** It holds arguments of a call. */
  calls: boolean;
  /** The first choice ends with it. */
  ended: boolean;
}

export function wordsOf(frame: Frame, read: ReadFrame): Words {
  const readable = read(frame);
  const words: Words = { text: '', calls: false, ended: false };
  if (!readable) return words;
  for (const each of readable.texts) {
    if (each.kind === 'arguments' || each.kind === 'argument-text') words.calls = true;
    if (each.kind === 'text' && !each.repeated && each.choice === 0 && each.part !== 'refusal') words.text += each.text;
  }
  words.ended = readable.ended === 'all' || readable.ended.includes(0);
  return words;
}

/**
 * Passes frames on while somebody listens, but for the end of the answer: that waits until everything was heard and judged, so
 * that an answer which is refused at its end never looks complete.
 */
export async function* judgeAtEnd(
  frames: Frames,
  read: ReadFrame,
  hear: (words: Words) => void,
  judge: () => void,
): Frames {
  const ending: Frame[] = [];
  for await (const frame of frames) {
    const words = wordsOf(frame, read);
    hear(words);
    if (words.ended || ending.length > 0) ending.push(frame);
    else yield frame;
  }
  judge();
  yield* ending;
}
