import { createFreshByKey, type FreshOptions } from '../core/fresh.ts';
import type { Budget } from '../store/budget-store.ts';
import type { Plan } from '../store/plan-store.ts';
import { createRules, type Rules } from './budget-rules.ts';

export interface RuleBookDeps extends FreshOptions {
  planOf(organisationId: string): Promise<Plan | undefined>;
  budgetsOf(organisationId: string): Promise<Budget[]>;
}

/** The plan and the budgets of each organisation, in memory and at most a second old. */
export function createRuleBook({ planOf, budgetsOf, ...options }: RuleBookDeps) {
  const known = createFreshByKey(async (organisationId): Promise<Rules> => {
    const [plan, budgets] = await Promise.all([planOf(organisationId), budgetsOf(organisationId)]);
    return createRules(organisationId, plan, budgets);
  }, options);
  return {
    /** At once when they were read before; the first reading may reject. */
    rulesOf: known.get,
    /** The next who asks waits for a new reading. Without an organisation: all of them. */
    forget: known.forget,
  };
}

export type RuleBook = ReturnType<typeof createRuleBook>;
