import type { OpenAPIHono } from '@hono/zod-openapi';
import type { BudgetService } from '../../policy/budgets/budget-service.ts';
import type { PlanService } from '../../policy/budgets/plan-service.ts';
import type { PlatformAccess } from './access.ts';
import { mountBudgets } from './budgets.ts';
import { mountPlans } from './plans.ts';

export interface MoneyDeps {
  plans: PlanService;
  budgets: BudgetService;
}

/** Everything about what may be spent, what was, and what will be. */
export function mountMoney(app: OpenAPIHono, access: PlatformAccess, { plans, budgets }: MoneyDeps): void {
  mountPlans(app, access, plans);
  mountBudgets(app, access, budgets);
}
