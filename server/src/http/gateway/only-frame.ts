import type { Frame, Frames } from '../../core/frame.ts';
import { SluiceError } from '../../core/sluice-error.ts';

/** The one frame of a whole answer, once the pipeline has settled it. Throws `upstream_invalid_answer` when there is none. */
export async function onlyFrame(frames: Frames): Promise<Frame> {
  const first = await frames.next();
  if (first.done) throw new SluiceError('upstream_invalid_answer', 'The provider ended without an answer.');
  // The policies finish their work (the ledger's row) before anything leaves.
  await frames.next();
  return first.value;
}
