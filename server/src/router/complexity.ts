import { type Complexity, complexityTier, scoreComplexity } from '../../../shared/src/routing/complexity.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import { userTexts } from './user-texts.ts';

/**
 * The complexity of the hardest thing that a user asked in this conversation: it may move to a stronger model, and never falls
 * back to a weaker one.
 */
export function complexityOf(request: ChatRequest): Complexity {
  let hardest: Complexity | undefined;
  for (const text of userTexts(request)) {
    const found = scoreComplexity(text);
    if (!hardest || found.score > hardest.score) hardest = found;
  }
  return hardest ?? scoreComplexity('');
}

/**
 * Members that are listed weakest first, in the order in which they are to be asked: the one of the request's tier, then the
 * stronger ones, then the weaker, nearest first. A tier beyond the last member is the last member's.
 */
export function orderByComplexity<T>(
  members: readonly T[],
  request: ChatRequest,
  thresholds?: readonly number[],
): { ordered: T[]; because: string } {
  const { score } = complexityOf(request);
  const first = Math.min(complexityTier(score, thresholds), members.length - 1);
  return { ordered: fromTier(members, Math.max(0, first)), because: `complexity ${score.toFixed(2)}` };
}

/** Members that are listed weakest first: the one of the tier, then the stronger ones, then the weaker, nearest first. */
export const fromTier = <T>(members: readonly T[], first: number): T[] => [
  ...members.slice(first),
  ...members.slice(0, first).reverse(),
];
