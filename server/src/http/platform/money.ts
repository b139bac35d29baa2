import type { OpenAPIHono } from '@hono/zod-openapi';
import type { BudgetService } from '../../policy/budgets/budget-service.ts';
import type { PlanService } from '../../policy/budgets/plan-service.ts';
import type { PlatformAccess } from './access.ts';
import { mountBudgets } from './budgets.ts';
import { type ComplexityDeps, mountComplexity } from './complexity.ts';
import { type EstimateDeps, mountEstimate } from './estimate.ts';
import { mountPlans } from './plans.ts';
import { mountProjected, type ProjectedDeps } from './projected.ts';
import { mountUsageExport, type UsageExportDeps } from './usage-export.ts';

export interface MoneyDeps {
  plans: PlanService;
  budgets: BudgetService;
  estimate: EstimateDeps;
  complexity: ComplexityDeps;
  projected: ProjectedDeps;
  export: UsageExportDeps;
}

/** Everything about what may be spent, what was, and what will be. */
export function mountMoney(app: OpenAPIHono, access: PlatformAccess, deps: MoneyDeps): void {
  mountPlans(app, access, deps.plans);
  mountBudgets(app, access, deps.budgets);
  mountEstimate(app, access, deps.estimate);
  mountComplexity(app, access, deps.complexity);
  mountProjected(app, access, deps.projected);
  mountUsageExport(app, access, deps.export);
}
