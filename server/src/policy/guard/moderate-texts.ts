import type { CallContext } from '../../core/call.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { GuardRule } from '../../guard/compile.ts';
import type { Moderation } from '../../guard/moderation.ts';

export interface ModerationWish {
  endpoint: string;
  text: string;
  on: 'input' | 'output';
  categories?: readonly string[];
  threshold?: number;
}

/** Asks one of the configured endpoints. Rejects when it cannot be asked. */
export type AskModeration = (wish: ModerationWish, signal: AbortSignal) => Promise<Moderation>;

/** The categories that the endpoint names against a text, or undefined. An endpoint that fails counts as the rule says. */
export async function moderateText(
  ask: AskModeration,
  rule: GuardRule,
  on: 'input' | 'output',
  text: string,
  context: CallContext,
): Promise<string[] | undefined> {
  const { check } = rule;
  if (check.kind !== 'moderation' || text.trim() === '') return undefined;
  try {
    const { endpoint, categories, threshold } = check;
    const said = await ask({ endpoint, text, on, categories, threshold }, context.abort.signal);
    if (!said.flagged) return undefined;
    return said.categories.length > 0 ? said.categories : ['flagged'];
  } catch (cause) {
    if (context.abort.reason) throw context.abort.reason;
    if (check.onFailure === 'open') return undefined;
    throw new SluiceError(
      'unavailable',
      `The guardrail ${JSON.stringify(rule.name)} could not ask its moderation endpoint, and without it nothing passes. Try again shortly.`,
      { retryAfterMs: 2000, cause },
    );
  }
}

export const becauseOf = (categories: readonly string[]): string =>
  `its moderation endpoint names ${categories.map((category) => category.slice(0, 60)).join(', ')}`;
