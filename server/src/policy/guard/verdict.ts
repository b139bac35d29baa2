import type { CallContext } from '../../core/call.ts';
import type { GuardNote } from '../../core/guard-note.ts';
import { SluiceError } from '../../core/sluice-error.ts';

/** The call must not go on. `because` is in words and never holds what was found. */
export const blocked = (rule: string, what: 'this request' | "the model's answer", because: string): SluiceError =>
  new SluiceError('guardrail_blocked', `The guardrail ${JSON.stringify(rule)} blocked ${what}: ${because}.`);

/** Puts what a rule did on the answer's headers and the ledger's row. */
export function tell(context: CallContext, notes: readonly GuardNote[]): void {
  if (notes.length === 0) return;
  const { facts } = context;
  facts.guard = [...(facts.guard ?? []), ...notes];
  const tags = new Set(context.tags);
  for (const { rule } of notes) tags.add(`guard:${rule}`);
  context.tags = [...tags];
}
