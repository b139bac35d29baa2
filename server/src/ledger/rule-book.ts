import { createFresh, type Fresh, type FreshOptions } from '../core/fresh.ts';
import type { Budget } from '../store/budget-store.ts';
import type { Plan } from '../store/plan-store.ts';
import { createRules, type Rules } from './budget-rules.ts';

export interface RuleBookDeps extends FreshOptions {
  planOf(organisationId: string): Promise<Plan | undefined>;
  budgetsOf(organisationId: string): Promise<Budget[]>;
}

const remembered = 10_000;

/** The plan and the budgets of each organisation, in memory and at most a second old. */
export function createRuleBook({ planOf, budgetsOf, ...options }: RuleBookDeps) {
  const known = new Map<string, Fresh<Rules>>();

  function freshOf(organisationId: string): Fresh<Rules> {
    let fresh = known.get(organisationId);
    if (!fresh) {
      if (known.size >= remembered) known.clear();
      fresh = createFresh(async () => {
        const [plan, budgets] = await Promise.all([planOf(organisationId), budgetsOf(organisationId)]);
        return createRules(organisationId, plan, budgets);
      }, options);
      known.set(organisationId, fresh);
    }
    return fresh;
  }

  return {
    /** At once when they were read before; the first reading may reject. */
    rulesOf: (organisationId: string): Rules | Promise<Rules> => freshOf(organisationId).get(),
    /** The next who asks waits for a new reading. Without an organisation: all of them. */
    forget(organisationId?: string): void {
      if (organisationId === undefined) for (const fresh of known.values()) fresh.forget();
      else known.get(organisationId)?.forget();
    },
  };
}

export type RuleBook = ReturnType<typeof createRuleBook>;
