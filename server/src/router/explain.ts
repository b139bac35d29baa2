import type { Complexity } from '../../../shared/src/routing/complexity.ts';
import type { ChatCall } from '../core/call.ts';
import { complexityOf, orderByComplexity } from './complexity.ts';
import type { Estimate, Estimator } from './estimate.ts';
import { blendedNanos } from './quote.ts';
import type { Registry, RoutedModel } from './registry.ts';
import type { Router } from './router.ts';

export interface ExplainerDeps {
  registry(): Registry;
  router(): Router;
  estimator: Estimator;
}

export interface Explanation extends Complexity {
  /** What the router would do with the call now, its first target and the reason in words. */
  routed: { model: string; reason: string };
  /** The members and what the call would cost at each, the likely cheapest first. */
  candidates: Estimate[];
  /** The model that each strategy would begin with; null: no member can take the request. */
  choices: { ordered: string | null; cheapest: string | null; complexity: string | null };
}

/** Says how hard a call looks and where it would go, without making it. */
export function createExplainer({ registry, router, estimator }: ExplainerDeps) {
  return {
    /** `usualOutput` as in `Estimator.estimate`. Throws what the router would throw. */
    explain(call: ChatCall, usualOutput: ReadonlyMap<string, number>): Explanation {
      const { targets, reason } = router().plan(call);
      const candidates = estimator.estimate(call, [call.model], usualOutput);
      const able = new Set(candidates.filter(({ refusal }) => refusal === undefined).map(({ model }) => model));
      const resolution = registry().resolve(call.model);
      const group = resolution.kind === 'group' ? resolution.group : undefined;
      const models = registry().modelsOf(resolution);
      // Only a group of this strategy says which of its members are the weaker ones; elsewhere the price has to.
      const weakestFirst = group?.strategy === 'complexity' ? models : [...models].sort(byPrice);
      const { ordered } = orderByComplexity(weakestFirst, call.request, group?.thresholds);
      const firstAble = (all: readonly string[]) => all.find((model) => able.has(model)) ?? null;
      const idsOf = (all: readonly RoutedModel[]) => all.map(({ id }) => id);
      return {
        ...complexityOf(call.request),
        routed: { model: targets[0]!.deployment.id, reason },
        candidates,
        choices: {
          ordered: firstAble(idsOf(models)),
          cheapest: firstAble(candidates.map(({ model }) => model)),
          complexity: firstAble(idsOf(ordered)),
        },
      };
    },
  };
}

export type Explainer = ReturnType<typeof createExplainer>;

const priceOf = ({ info }: RoutedModel): number => blendedNanos(info.price) ?? Number.POSITIVE_INFINITY;
// Infinity minus itself is no order.
const byPrice = (a: RoutedModel, b: RoutedModel): number => (priceOf(a) === priceOf(b) ? 0 : priceOf(a) - priceOf(b));
