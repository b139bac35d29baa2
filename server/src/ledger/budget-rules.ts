import type { Budget } from '../store/budget-store.ts';
import type { Plan } from '../store/plan-store.ts';

/** Whom a call belongs to, as far as budgets care. */
export interface Spender {
  organisationId: string;
  teamId?: string | null;
  userId?: string | null;
  keyId: string;
  agentId?: string | null;
  tags: readonly string[];
}

/** What an organisation must keep to, indexed for the hot path. */
export interface Rules {
  plan: Plan | undefined;
  budgets: readonly Budget[];
  /** No plan and no budget: nothing to look at. */
  free: boolean;
  /** Those that a call of this spender counts on. */
  budgetsOf(spender: Spender): readonly Budget[];
}

const none: readonly Budget[] = [];

/** Indexes an organisation's plan and budgets; the plan's tokens become a budget of their own. */
export function createRules(organisationId: string, plan: Plan | undefined, stored: readonly Budget[]): Rules {
  const budgets = plan?.tokensPerMonth == null ? stored : [...stored, planBudget(organisationId, plan)];
  const byTarget = new Map<string, Budget[]>();
  for (const budget of budgets) {
    const place = placeOf(budget.scope, budget.target);
    const among = byTarget.get(place);
    if (among) among.push(budget);
    else byTarget.set(place, [budget]);
  }
  const whole = byTarget.get(placeOf('organisation', null)) ?? none;
  const onlyWhole = whole.length === budgets.length;
  return {
    plan,
    budgets,
    free: budgets.length === 0 && plan === undefined,
    budgetsOf({ teamId, userId, keyId, agentId, tags }) {
      if (onlyWhole) return whole;
      const found = [...whole];
      const add = (scope: string, target: string | null | undefined) => {
        if (target != null) found.push(...(byTarget.get(placeOf(scope, target)) ?? none));
      };
      add('team', teamId);
      add('user', userId);
      add('key', keyId);
      add('agent', agentId);
      for (const tag of new Set(tags)) add('tag', tag);
      return found;
    },
  };
}

/** A plan's allowance is a hard budget of the organisation, told at 80 and 100 percent. */
export const planBudget = (organisationId: string, plan: Plan): Budget => ({
  id: `${plan.id}:${organisationId}`,
  organisationId,
  name: `plan ${plan.name}`,
  scope: 'organisation',
  target: null,
  unit: 'tokens',
  limit: plan.tokensPerMonth ?? 0,
  window: 'month',
  hard: true,
  thresholds: [],
  createdAt: plan.createdAt,
  updatedAt: plan.updatedAt,
});

const placeOf = (scope: string, target: string | null): string => `${scope} ${target ?? ''}`;
