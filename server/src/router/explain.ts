import type { Complexity } from '../../../shared/src/routing/complexity.ts';
import { featuresOf } from '../../../shared/src/routing/features.ts';
import { type TaskType, taskTypeOf } from '../../../shared/src/routing/task-type.ts';
import type { ChatCall } from '../core/call.ts';
import { complexityOf } from './complexity.ts';
import type { Estimate, Estimator } from './estimate.ts';
import type { Latencies } from './latency.ts';
import { byPrice, type MemberOrder } from './order-members.ts';
import type { Group, Registry, RoutedModel } from './registry.ts';
import type { Router } from './router.ts';
import { userTexts } from './user-texts.ts';

export interface ExplainerDeps {
  registry(): Registry;
  router(): Router;
  memberOrder: MemberOrder;
  estimator: Estimator;
  latencies: Pick<Latencies, 'expected'>;
}

export const explainedStrategies = ['ordered', 'cheapest', 'fastest', 'complexity', 'learned'] as const;

export interface Explanation extends Complexity {
  /** What kind of task the last message looks like. */
  taskType: TaskType;
  /** What the router would do with the call now, its first target and the reason in words. */
  routed: { model: string; reason: string };
  /** The members, what the call would cost at each and how good an answer is to be expected, how long it lately took, the likely cheapest first. */
  candidates: (Estimate & { expectedQuality: number | null; latencyMs: number | null })[];
  /** The model that each strategy would begin with; null: no member can take the request. */
  choices: Record<(typeof explainedStrategies)[number], string | null>;
}

/** Says how hard a call looks and where it would go, without making it. */
export function createExplainer({ registry, router, memberOrder, estimator, latencies }: ExplainerDeps) {
  /** Of the quickest deployment; a stream's, which is what people wait for, else a whole answer's. */
  function latencyOf(model: RoutedModel | undefined): number | null {
    for (const stream of [true, false]) {
      const known = (model?.deployments ?? []).flatMap(({ id }) => latencies.expected(id, stream) ?? []);
      if (known.length > 0) return Math.round(Math.min(...known));
    }
    return null;
  }

  return {
    /** `usualOutput` as in `Estimator.estimate`. Throws what the router would throw. */
    explain(call: ChatCall, usualOutput: ReadonlyMap<string, number>): Explanation {
      const { targets, reason } = router().plan(call);
      const estimates = estimator.estimate(call, [call.model], usualOutput);
      const able = new Set(estimates.filter(({ refusal }) => refusal === undefined).map(({ model }) => model));
      const resolution = registry().resolve(call.model);
      const models = registry().modelsOf(resolution);
      const group: Group =
        resolution.kind === 'group'
          ? resolution.group
          : { name: call.model, origin: 'built-in', members: [], strategy: 'ordered' };
      const canTake = ({ id }: RoutedModel) => able.has(id);
      const firstOf = (strategy: (typeof explainedStrategies)[number]): string | null => {
        // Only a group of this strategy says which of its members are the weaker ones; elsewhere the price has to.
        const byStrength = strategy === 'complexity' && group.strategy !== 'complexity';
        const members = (byStrength ? [...models].sort(byPrice) : models).map((routed) => ({ routed, weight: 1 }));
        return memberOrder.order({ ...group, strategy }, members, call, canTake).asked.find(canTake)?.id ?? null;
      };
      const { ordered, expected } = memberOrder.learned(group, models, call);
      const qualities = new Map(ordered.map(({ id }, at) => [id, expected[at]!]));
      return {
        ...complexityOf(call.request),
        taskType: taskTypeOf(featuresOf(userTexts(call.request).at(-1) ?? '')),
        routed: { model: targets[0]!.deployment.id, reason },
        candidates: estimates.map((estimate) => ({
          ...estimate,
          expectedQuality: qualities.get(estimate.model) ?? null,
          latencyMs: latencyOf(models.find(({ id }) => id === estimate.model)),
        })),
        choices: {
          ordered: firstOf('ordered'),
          cheapest: estimates.find(({ model }) => able.has(model))?.model ?? null,
          fastest: firstOf('fastest'),
          complexity: firstOf('complexity'),
          learned: firstOf('learned'),
        },
      };
    },
  };
}

export type Explainer = ReturnType<typeof createExplainer>;
