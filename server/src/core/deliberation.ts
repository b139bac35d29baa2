import type { ModelCall } from './call.ts';

/** A draft, a critique of it, and the answer. */
export const deliberationCalls = 3;

/**
 * What they come to at most, in calls like the one that was asked: what is written first is read by the others, and reading is not dearer
 * than writing.
 */
export const deliberationCost = 4;

/**
 * Whether a call is answered by a draft, a critique and a revision: in the mode `ultra-think`, where the answer is one text. An answer
 * that calls tools, has sounds or pictures, or is one of several is given as it comes.
 */
export function deliberates(call: ModelCall): boolean {
  if (call.mode !== 'ultra-think' || call.operation !== 'chat') return false;
  const { tools, n, modalities } = call.request;
  return tools.length === 0 && n === 1 && (modalities === undefined || modalities.every((each) => each === 'text'));
}
