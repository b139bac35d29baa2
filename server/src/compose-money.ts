import type { ComposedReplicas } from './compose-replicas.ts';
import type { ModelCall } from './core/call.ts';
import { deliberates, deliberationCost } from './core/deliberation.ts';
import type { Freshness } from './core/fresh.ts';
import { newId } from './core/new-id.ts';
import type { Dialect } from './core/wire-name.ts';
import { type BudgetReached, createBudgetAlerts } from './ledger/budget-alerts.ts';
import { createProcessCounters } from './ledger/budget-counters.ts';
import { type Budgets, createBudgets } from './ledger/budgets.ts';
import { inWords } from './ledger/exceeded.ts';
import { createFlushEverywhere } from './ledger/flush-everywhere.ts';
import type { Ledger } from './ledger/ledger.ts';
import { createRedisCounters } from './ledger/redis-counters.ts';
import { createRuleBook } from './ledger/rule-book.ts';
import { createUsualOutput } from './ledger/usual-output.ts';
import type { Logger } from './observe/logger.ts';
import type { Metrics } from './observe/metrics.ts';
import { observeMoney } from './observe/money-metrics.ts';
import { createBudgetService } from './policy/budgets/budget-service.ts';
import { createPlanService } from './policy/budgets/plan-service.ts';
import type { CascadeSteps } from './policy/cascade/cascade.ts';
import { chargeUsage } from './policy/charge-usage.ts';
import { createEstimator } from './router/estimate.ts';
import { createExplainer } from './router/explain.ts';
import type { Latencies } from './router/latency.ts';
import type { MemberOrder } from './router/order-members.ts';
import { createQuoter } from './router/quote.ts';
import type { Router } from './router/router.ts';
import type { Setup } from './setup.ts';
import type { AuditedChange } from './store/audit-store.ts';
import { createBudgetStore } from './store/budget-store.ts';
import { callPages } from './store/call-pages.ts';
import type { CallFilter, CallStore } from './store/call-store.ts';
import type { Sql } from './store/database.ts';
import { createPlanStore } from './store/plan-store.ts';
import type { SharedRedis } from './store/redis.ts';
import { createSpendStore } from './store/spend-store.ts';
import type { InboundWire } from './wire/wire.ts';

export interface MoneyDeps {
  /** How old what the database says may be. */
  fresh: Freshness;
  sql(): Promise<Sql>;
  calls: CallStore;
  wires: Record<Dialect, InboundWire>;
  setup(): Setup;
  ledger(): Ledger;
  router(): Router;
  memberOrder: MemberOrder;
  latencies: Latencies;
  stepsOf(call: ModelCall): CascadeSteps | undefined;
  audited: AuditedChange;
  replicas: ComposedReplicas;
  redis: SharedRedis | undefined;
  metrics: Metrics;
  /** Told of budgets that reach a threshold, once a window on one replica. */
  onReached(reached: BudgetReached): void;
  logger: Logger;
}

const leaseMarginMs = 60_000;

/** Plans and budgets: what a call may come to, what is reserved and settled, and who is told. */
export function composeMoney(deps: MoneyDeps) {
  const {
    fresh,
    sql,
    calls,
    wires,
    setup,
    ledger,
    router,
    memberOrder,
    latencies,
    stepsOf,
    audited,
    replicas,
    redis,
    metrics,
    onReached,
    logger,
  } = deps;
  const plans = createPlanStore(sql);
  const budgetStore = createBudgetStore(sql);
  const spend = createSpendStore(sql);
  const money = observeMoney(metrics.registry);
  const onFault = (error: unknown) => logger.error({ err: error }, 'a budget could not be read or counted');
  const book = createRuleBook({
    planOf: plans.ofOrganisation,
    budgetsOf: budgetStore.ofOrganisation,
    onFault,
    ...fresh,
  });
  replicas.bus.subscribe(['budget'], ({ organisationId }) => book.forget(organisationId));
  replicas.bus.subscribe(['plan', 'organisation'], () => book.forget());

  const alerts = createBudgetAlerts({
    store: budgetStore,
    onFault,
    onAlert(alert) {
      money.alerted(alert.threshold);
      onReached(alert);
      const { name, unit, threshold, organisationId, budgetId, spent, limit } = alert;
      logger.warn(
        { budget: budgetId, name, organisation: organisationId, threshold, spent, limit, unit },
        `a budget reached ${threshold} %: ${inWords(unit, spent)} of ${inWords(unit, limit)}`,
      );
    },
  });
  const flushHere = async (organisationId: string) => {
    // A budget made a moment ago must be known before rows that it counts are settled without it.
    book.forget(organisationId);
    await book.rulesOf(organisationId);
    await budgets.drain();
    await ledger().flush();
  };
  const everywhere = redis && createFlushEverywhere({ redis, flushHere });
  const budgets: Budgets = createBudgets({
    counters: redis ? createRedisCounters(redis) : createProcessCounters(),
    rulesOf: book.rulesOf,
    spent: spend.spent,
    flushEverywhere: everywhere?.flush ?? (() => ledger().flush()),
    leaseMs: () => setup().config.budgets.leaseMs ?? setup().config.limits.totalMs + leaseMarginMs,
    newToken: () => newId('derive_'),
    onSpent: alerts.look,
    onFault,
  });
  const quoter = createQuoter({
    priceFor: (model, usage, atMs) => setup().catalog.priceFor(model, usage, atMs),
    defaultOutputTokens: () => setup().config.budgets.defaultOutputTokens,
  });
  const estimator = createEstimator({
    registry: () => setup().registry,
    quoter,
    priceFor: (model, usage, atMs) => setup().catalog.priceFor(model, usage, atMs),
  });
  const usualOutput = createUsualOutput(calls.usualOutput).of;

  return {
    policy: chargeUsage({
      rulesOf: book.rulesOf,
      budgets,
      quote(call, { receivedAt }) {
        const places = new Map(
          router()
            .plan(call)
            .targets.map(({ deployment }) => [deployment.id, deployment]),
        );
        return quoter(call, [...places.values()], receivedAt);
      },
      quoteSteps(call, { receivedAt }) {
        const climbing = stepsOf(call);
        const thorough = deliberates(call);
        if (!climbing && !thorough) return undefined;
        const targets = router().plan(call).targets;
        const first = ([id]: readonly string[]) => targets.find(({ deployment }) => deployment.id === id)?.deployment;
        const verifier = climbing?.verifier === undefined ? undefined : setup().registry.findModel(climbing.verifier);
        // A verifier reads the question and the answer: no more than asking it the question would cost, with so long an answer.
        const places = climbing
          ? climbing.steps.flatMap((step, at) => [
              ...(first(step) ? [first(step)!] : []),
              ...(verifier && at > 0 ? [verifier.model.deployments[0]!] : []),
            ])
          : targets.slice(0, 1).map(({ deployment }) => deployment);
        const once = quoter(call, places, receivedAt);
        return thorough ? Array.from({ length: deliberationCost }, () => once).flat() : once;
      },
      ledger: { open: (opened) => ledger().open(opened) },
      allowsUnpriced: () => setup().config.budgets.unpriced === 'allow',
    }),
    settle: budgets.settle,
    services: {
      plans: createPlanService({ store: plans, audited }),
      budgets: createBudgetService({ store: budgetStore, plans, budgets, audited }),
      estimate: { estimator, wires, usualOutput },
      complexity: {
        explainer: createExplainer({ registry: () => setup().registry, router, memberOrder, estimator, latencies }),
        wires,
        usualOutput,
      },
      projected: { calls, ledger: { flush: () => ledger().flush() } },
      export: {
        ledger: { flush: () => ledger().flush() },
        pages: (filter: CallFilter) => callPages(sql, filter),
      },
    },
    /** Stops, with what was settled last on its way to where it is counted. */
    async close(): Promise<void> {
      await budgets.drain().catch(() => {});
      budgets.close();
      everywhere?.close();
    },
  };
}

export type ComposedMoney = ReturnType<typeof composeMoney>;
