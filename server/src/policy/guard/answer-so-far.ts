import type { ReadFrame } from '../../core/answer-text.ts';
import type { Frame } from '../../core/frame.ts';

/** The words of the first choice in one frame: no thinking, no arguments, nothing that is told a second time. */
export function wordsOf(frame: Frame, read: ReadFrame): { text: string; calls: boolean } {
  let text = '';
  let calls = false;
  for (const each of read(frame)?.texts ?? []) {
    if (each.kind === 'arguments' || each.kind === 'argument-text') calls = true;
    if (each.kind === 'text' && !each.repeated && each.choice === 0 && each.part !== 'refusal') text += each.text;
  }
  return { text, calls };
}
