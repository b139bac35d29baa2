import type { GuardRule } from '../../guard/compile.ts';
import type { GuardrailRow } from '../../store/guardrail-store.ts';
import { readRule } from './guardrail-service.ts';

const mostOrganisations = 1000;

/**
 * Reads an organisation's rules. They are read again all the time and hardly ever change, and lists of words take a while to
 * prepare: rows that are the same give the same rules.
 */
export function createRuleReader(list: (organisationId: string) => Promise<GuardrailRow[]>) {
  const known = new Map<string, { version: string; rules: GuardRule[] }>();
  return async (organisationId: string): Promise<GuardRule[]> => {
    const rows = await list(organisationId);
    const version = rows.map(({ id, updatedAt, position }) => `${id} ${updatedAt.getTime()} ${position}`).join();
    const before = known.get(organisationId);
    if (before?.version === version) return before.rules;
    const rules = rows.map(readRule);
    if (known.size >= mostOrganisations) known.clear();
    known.set(organisationId, { version, rules });
    return rules;
  };
}
