import type { CallContext } from '../../core/call.ts';
import type { GuardNote } from '../../core/guard-note.ts';
import { SluiceError } from '../../core/sluice-error.ts';

/** The call must not go on. `because` is in words and never holds what was found. */
export const blocked = (rule: string, what: 'this request' | "the model's answer", because: string): SluiceError =>
  new SluiceError('guardrail_blocked', `The guardrail ${JSON.stringify(rule)} blocked ${what}: ${because}.`);

/** Puts what rules did where the answer's headers and the ledger's row look for it. */
export function tell({ facts }: CallContext, notes: readonly GuardNote[]): void {
  if (notes.length > 0) facts.guard = [...(facts.guard ?? []), ...notes];
}
