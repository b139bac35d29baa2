import type { CallContext, ModelCall } from '../core/call.ts';
import type { Frames } from '../core/frame.ts';
import { formatUsd } from '../core/money.ts';
import type { Quote } from '../core/quote.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Rules } from '../ledger/budget-rules.ts';
import type { Budgets } from '../ledger/budgets.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Plan } from '../store/plan-store.ts';
import { matchesModel } from './authorise.ts';
import type { Next, Policy } from './pipeline.ts';

export interface ChargeUsageDeps {
  rulesOf(organisationId: string): Rules | Promise<Rules>;
  budgets: Pick<Budgets, 'reserve'>;
  /** What the call may come to at each place that could answer, in the order of trying. Throws what routing throws. */
  quote(call: ModelCall, context: CallContext): Quote[];
  /** What each of several answers may come to, when a call may be charged for all of them. */
  quoteSteps?(call: ModelCall, context: CallContext): Quote[] | undefined;
  ledger: Pick<Ledger, 'open'>;
  /** Whether models without a known price may be used under a hard budget in dollars. */
  allowsUnpriced(): boolean;
}

/** So many places of a long list (`auto`) are reckoned with; those that are dearer are not tried. */
const mostPlaces = 8;

/**
 * Keeps calls within their organisation's plan and the budgets that they count on: the worst case is reserved before the
 * model is asked. The row that `recordCall` leaves settles it, so that what budgets count is what the ledger says. Without
 * plan and budget it is one look into memory.
 */
export const chargeUsage = (deps: ChargeUsageDeps): Policy => {
  /** Something to wait for before the call may go on, or nothing. */
  function admit(rules: Rules, call: ModelCall, context: CallContext): undefined | Promise<void> {
    const { principal, tags, agentId } = context;
    const budgets = rules.budgetsOf({ ...principal, agentId, tags });
    if (budgets.length === 0 && (!rules.plan || allowsAll(rules.plan))) return undefined;
    const quotes = deps.quote(call, context);
    let usable = rules.plan ? withinPlan(rules.plan, call, quotes) : quotes;
    const needsPrice = deps.allowsUnpriced() ? undefined : budgets.find(({ hard, unit }) => hard && unit === 'usd');
    if (needsPrice) {
      const priced = usable.filter(({ worstNanos }) => worstNanos !== null);
      if (priced.length === 0) throw unpriced(call, needsPrice.name);
      usable = priced;
    }
    const first = usable.slice(0, mostPlaces);
    const nanos = highest(first.map(({ worstNanos }) => worstNanos ?? 0));
    const tokens = highest(first.map(({ worstTokens }) => worstTokens));
    const within = usable.filter(({ worstNanos, worstTokens }) => (worstNanos ?? 0) <= nanos && worstTokens <= tokens);
    if (within.length < quotes.length) context.allowed = new Set(within.map(({ deployment }) => deployment));
    if (budgets.length === 0) return undefined;
    const steps = deps.quoteSteps?.(call, context);
    const worst = steps
      ? {
          nanos: sum(steps.map(({ worstNanos }) => worstNanos ?? 0)),
          tokens: sum(steps.map((each) => each.worstTokens)),
        }
      : { nanos, tokens };
    const wish = { requestId: context.requestId, atMs: context.receivedAt, budgets, worst };
    const waiting = deps.budgets.reserve(wish);
    const opened = () =>
      deps.ledger.open({
        call,
        context,
        inputTokens: highest(first.map(({ inputTokens }) => inputTokens)),
        inputNanos: first.some(({ inputNanos }) => inputNanos === null)
          ? null
          : highest(first.map(({ inputNanos }) => inputNanos ?? 0)),
      });
    if (waiting) return waiting.then(opened);
    opened();
    return undefined;
  }

  async function* afterwards(waiting: Promise<void>, call: ModelCall, context: CallContext, next: Next): Frames {
    await waiting;
    yield* next(call, context);
  }

  return function chargeUsage(call, context, next) {
    if (call.operation === 'count-tokens') return next(call, context);
    const rules = deps.rulesOf(context.principal.organisationId);
    if (rules instanceof Promise) {
      const waiting = rules.catch(unknownRules).then((known) => (known.free ? undefined : admit(known, call, context)));
      return afterwards(waiting, call, context, next);
    }
    if (rules.free) return next(call, context);
    const waiting = admit(rules, call, context);
    return waiting ? afterwards(waiting, call, context, next) : next(call, context);
  };
};

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const highest = (values: number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

const allowsAll = ({ models, priceCeilingNanos }: Plan): boolean => models === null && priceCeilingNanos === null;

/** The places that the plan has. Throws `forbidden` when there is none. */
function withinPlan(plan: Plan, call: ModelCall, quotes: Quote[]): Quote[] {
  const { name, models, priceCeilingNanos } = plan;
  if (allowsAll(plan) || (models && matchesModel(models, call.model))) return quotes;
  const allowed = quotes.filter(
    ({ deployment, blendedNanos }) =>
      (models && matchesModel(models, deployment)) ||
      (priceCeilingNanos !== null && blendedNanos !== null && blendedNanos <= priceCeilingNanos),
  );
  if (allowed.length > 0) return allowed;
  const has = [
    ...(models && models.length > 0 ? [models.join(', ')] : []),
    ...(priceCeilingNanos === null
      ? []
      : [`models of at most $${formatUsd(priceCeilingNanos)} per million tokens (three of input to one of output)`]),
  ].join(', and ');
  throw new SluiceError(
    'forbidden',
    `The plan ${JSON.stringify(name)} does not have the model ${JSON.stringify(call.model)}. It has ${has || 'none'}. Choose one of these, or ask the operator of this gateway for another plan.`,
    { param: 'model' },
  );
}

const unpriced = (call: ModelCall, budget: string) =>
  new SluiceError(
    'forbidden',
    `The price of ${JSON.stringify(call.model)} is not known, so the budget ${JSON.stringify(budget)} cannot be kept with it. Give the model a \`price\` in sluice.yaml, or set \`budgets.unpriced: allow\`.`,
    { param: 'model' },
  );

function unknownRules(cause: unknown): never {
  throw new SluiceError(
    'unavailable',
    'Whether a budget applies to this call cannot be read just now: the database is away. Try again shortly.',
    { retryAfterMs: 2000, cause },
  );
}
