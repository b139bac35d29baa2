import { newId } from '../../core/new-id.ts';
import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { authorise } from '../../identity/authorise.ts';
import { planBudget } from '../../ledger/budget-rules.ts';
import { type Span, windowAt } from '../../ledger/budget-window.ts';
import type { Budgets } from '../../ledger/budgets.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { Budget, BudgetAlert, BudgetStore, NewBudget } from '../../store/budget-store.ts';
import type { PlanStore } from '../../store/plan-store.ts';

export interface BudgetServiceDeps {
  store: BudgetStore;
  plans: Pick<PlanStore, 'ofOrganisation'>;
  budgets: Pick<Budgets, 'standing'>;
  audited: AuditedChange;
  now?: () => number;
}

export type BudgetWish = Pick<NewBudget, 'name' | 'scope' | 'unit' | 'limit' | 'window' | 'hard' | 'thresholds'> & {
  target?: string | null;
  organisationId?: string;
};

export type BudgetChange = Partial<Pick<NewBudget, 'name' | 'limit' | 'hard' | 'thresholds'>>;

/** A budget with where it stands. `spent` and `held` are null when that cannot be read just now. */
export interface StandingBudget {
  budget: Budget;
  span: Span;
  spent: number | null;
  held: number | null;
}

/** What administrators do with budgets. Every method throws `forbidden`, `not_found` or `invalid_request` in words. */
export function createBudgetService({ store, plans, budgets, audited, now = Date.now }: BudgetServiceDeps) {
  async function found(actor: Principal, id: string, action: 'budgets:read' | 'budgets:write'): Promise<Budget> {
    const budget = await store.byId(id);
    if (!budget) throw noSuch(id);
    authorise(actor, action, { kind: 'budget', id, organisationId: budget.organisationId });
    return budget;
  }

  async function standing(budget: Budget): Promise<StandingBudget> {
    const span = windowAt(budget.window, now(), budget.createdAt.getTime());
    const known = await budgets.standing(budget, now()).catch(() => undefined);
    return { budget, span, spent: known?.spent ?? null, held: known?.held ?? null };
  }

  return {
    async create(actor: Principal, { organisationId = actor.organisationId, target = null, ...wish }: BudgetWish) {
      authorise(actor, 'budgets:write', { kind: 'organisation', id: organisationId, organisationId });
      if ((wish.scope === 'organisation') !== (target === null)) {
        throw new SluiceError(
          'invalid_request',
          wish.scope === 'organisation'
            ? 'A budget of the whole organisation has no `target`.'
            : `Name the ${wish.scope} that the budget is for in \`target\`.`,
          { param: 'target' },
        );
      }
      if (target !== null && !(await store.hasTarget(organisationId, wish.scope, target)))
        throw new SluiceError('not_found', `There is no ${wish.scope} ${JSON.stringify(target)}.`, { param: 'target' });
      const row = await audited(actor, async (tx, note) => {
        const made = await store.insert(
          { ...wish, id: newId('bud_'), organisationId, target, createdAt: new Date(now()) },
          tx,
        );
        await note({
          action: 'budget.create',
          target: { kind: 'budget', id: made.id },
          detail: told(made),
          organisationId,
        });
        return made;
      });
      return standing(row);
    },
    /** Those of the organisation; its plan's allowance stands among them, with an id that begins with the plan's. */
    async list(actor: Principal, organisationId = actor.organisationId): Promise<StandingBudget[]> {
      authorise(actor, 'budgets:read', { kind: 'organisation', id: organisationId, organisationId });
      const [stored, plan] = await Promise.all([
        store.ofOrganisation(organisationId),
        plans.ofOrganisation(organisationId),
      ]);
      const all = plan?.tokensPerMonth == null ? stored : [planBudget(organisationId, plan), ...stored];
      return Promise.all(all.map(standing));
    },
    async get(actor: Principal, id: string): Promise<StandingBudget> {
      return standing(await found(actor, id, 'budgets:read'));
    },
    async change(actor: Principal, id: string, change: BudgetChange): Promise<StandingBudget> {
      const before = await found(actor, id, 'budgets:write');
      const row = await audited(actor, async (tx, note) => {
        const changed = await store.update(id, change, tx);
        if (!changed) throw noSuch(id);
        await note({
          action: 'budget.update',
          target: { kind: 'budget', id },
          detail: { before: told(before), after: told(changed) },
          organisationId: before.organisationId,
        });
        return changed;
      });
      return standing(row);
    },
    async remove(actor: Principal, id: string): Promise<Budget> {
      const { organisationId } = await found(actor, id, 'budgets:write');
      return audited(actor, async (tx, note) => {
        const gone = await store.remove(id, tx);
        if (!gone) throw noSuch(id);
        await note({ action: 'budget.delete', target: { kind: 'budget', id }, detail: told(gone), organisationId });
        return gone;
      });
    },
    async alerts(actor: Principal, id: string): Promise<{ budget: Budget; alerts: BudgetAlert[] }> {
      const budget = await found(actor, id, 'budgets:read');
      return { budget, alerts: await store.alerts(id) };
    },
  };
}

export type BudgetService = ReturnType<typeof createBudgetService>;

const noSuch = (id: string) => new SluiceError('not_found', `There is no budget ${JSON.stringify(id)}.`);

const told = ({ name, scope, target, unit, limit, window, hard, thresholds }: Budget) => ({
  name,
  scope,
  target,
  unit,
  limit,
  window,
  hard,
  thresholds,
});
