import { newId } from '../../core/new-id.ts';
import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { authoriseOperator } from '../../identity/authorise.ts';
import type { AuditedChange } from '../../store/audit-store.ts';
import type { NewPlan, Plan, PlanStore } from '../../store/plan-store.ts';

export type PlanWish = Pick<NewPlan, 'name' | 'tokensPerMonth' | 'models' | 'priceCeilingNanos'>;

/** What operators do with plans. Every method throws `forbidden`, `not_found` or `conflict` in words. */
export function createPlanService({ store, audited }: { store: PlanStore; audited: AuditedChange }) {
  const asOperator = (actor: Principal) => authoriseOperator(actor, 'plan');

  async function free(name: string | undefined, id?: string): Promise<void> {
    if (name !== undefined && (await store.list()).some((plan) => plan.name === name && plan.id !== id))
      throw new SluiceError('conflict', `There is a plan ${JSON.stringify(name)} already.`, { param: 'name' });
  }

  return {
    list: (): Promise<Plan[]> => store.list(),
    async create(actor: Principal, wish: PlanWish): Promise<Plan> {
      asOperator(actor);
      await free(wish.name);
      return audited(actor, async (tx, note) => {
        const plan = await store.insert({ ...wish, id: newId('plan_') }, tx);
        await note({ action: 'plan.create', target: { kind: 'plan', id: plan.id }, detail: told(plan) });
        return plan;
      });
    },
    async change(actor: Principal, id: string, change: Partial<PlanWish>): Promise<Plan> {
      asOperator(actor);
      await free(change.name, id);
      return audited(actor, async (tx, note) => {
        const plan = await store.update(id, change, tx);
        if (!plan) throw noSuch(id);
        await note({ action: 'plan.update', target: { kind: 'plan', id }, detail: told(plan) });
        return plan;
      });
    },
    async remove(actor: Principal, id: string): Promise<Plan> {
      asOperator(actor);
      const holders = await store.holders(id);
      if (holders.length > 0)
        throw new SluiceError(
          'conflict',
          `${holders.length} organisations have this plan. Give them another one first.`,
        );
      return audited(actor, async (tx, note) => {
        const plan = await store.remove(id, tx);
        if (!plan) throw noSuch(id);
        await note({ action: 'plan.delete', target: { kind: 'plan', id }, detail: told(plan) });
        return plan;
      });
    },
    /** Gives an organisation a plan; `planId` null takes it away, and the organisation is unlimited. */
    async assign(actor: Principal, organisationId: string, planId: string | null): Promise<void> {
      asOperator(actor);
      if (planId !== null && !(await store.byId(planId))) throw noSuch(planId);
      await audited(actor, async (tx, note) => {
        if (!(await store.assign(organisationId, planId, tx)))
          throw new SluiceError('not_found', `There is no organisation ${JSON.stringify(organisationId)}.`);
        await note({
          action: 'plan.assign',
          target: { kind: 'organisation', id: organisationId },
          detail: { planId },
          organisationId,
        });
      });
    },
  };
}

export type PlanService = ReturnType<typeof createPlanService>;

const noSuch = (id: string) => new SluiceError('not_found', `There is no plan ${JSON.stringify(id)}.`);

const told = ({ name, tokensPerMonth, models, priceCeilingNanos }: Plan) => ({
  name,
  tokensPerMonth,
  models,
  priceCeilingNanos,
});
