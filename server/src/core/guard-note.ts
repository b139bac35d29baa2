/** What a guardrail did with a call. `found` counts by kind (`EMAIL`, `injection`); the found text itself is nowhere kept. */
export interface GuardNote {
  rule: string;
  action: 'block' | 'redact' | 'mask' | 'flag' | 'route';
  on: 'input' | 'output';
  found: Record<string, number>;
}

/** The value of `x-sluice-guard`: `pii mask EMAIL 2; injection flag score 60`. */
export const describeGuard = (notes: readonly GuardNote[]): string =>
  notes
    .map(({ rule, action, found }) => {
      const what = Object.entries(found).map(([label, count]) => `${label} ${count}`);
      return `${rule} ${action} ${what.join(', ')}`;
    })
    .join('; ');

/** A call's tags with one for each rule that found something: `guard:pii`. */
export const withGuardTags = (tags: string[], notes: readonly GuardNote[] | undefined): string[] =>
  notes ? [...new Set([...tags, ...notes.map(({ rule }) => `guard:${rule}`)])] : tags;
