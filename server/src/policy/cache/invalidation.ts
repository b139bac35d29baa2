/** What an organisation no longer wants to be answered with: everything, or what carries this model, tag or key. */
export type InvalidationWish = { all: true } | { model: string } | { tag: string } | { key: string };

/** A wish, and since when it holds: answers to questions that arrived until then are void. */
export interface Invalidation {
  organisationId: string;
  kind: 'all' | 'model' | 'tag' | 'key';
  value: string;
  /** Wall clock, milliseconds since 1970. */
  at: number;
}

export interface Voidable {
  organisationId: string;
  hash: string;
  modelAsked: string;
  model?: string;
  tags: readonly string[];
  askedAt: number;
}

/** Whether one of the invalidations makes this answer void. */
export function isVoid(answer: Voidable, invalidations: readonly Invalidation[]): boolean {
  for (const { organisationId, kind, value, at } of invalidations) {
    if (organisationId !== answer.organisationId || at < answer.askedAt) continue;
    if (kind === 'all') return true;
    if (kind === 'model' && (value === answer.modelAsked || value === answer.model)) return true;
    if (kind === 'tag' && answer.tags.includes(value)) return true;
    if (kind === 'key' && value === answer.hash) return true;
  }
  return false;
}
