import { shippedPrior } from '../../shared/src/routing/shipped-prior.ts';
import type { ModelCall } from './core/call.ts';
import type { CascadeSteps } from './policy/cascade/cascade.ts';
import { createLatencies } from './router/latency.ts';
import { createQualityBook } from './router/learned/quality-book.ts';
import { createMemberOrder } from './router/order-members.ts';
import { createRouter } from './router/router.ts';
import type { Setup } from './setup.ts';

/** Which model answers: names and groups of the configuration, and what is known of how well models answer. */
export function composeRouting(setup: () => Setup) {
  const isLocal = (provider: string) => setup().providers.get(provider)?.local ?? false;
  const latencies = createLatencies();
  const memberOrder = createMemberOrder({
    quality: createQualityBook(shippedPrior()),
    isLocal,
    random: Math.random,
    latencies,
  });
  const router = createRouter({
    registry: () => setup().registry,
    credentials: (provider) => setup().providers.get(provider)?.credentials ?? [],
    memberOrder,
    baseline: () => setup().baseline,
    isLocal,
  });
  /** The members of a group that climbs, each with the deployments that can take the call; undefined for other calls. */
  function stepsOf(call: ModelCall): CascadeSteps | undefined {
    const { registry } = setup();
    const name = call.constraints?.group ?? registry.groupOf(call.model);
    const group = name === undefined ? undefined : registry.groups().find((each) => each.name === name);
    if (group?.strategy !== 'cascade') return undefined;
    const able = new Set(router.plan(call).targets.map(({ deployment }) => deployment.id));
    const steps = registry
      .membersOf(group)
      .map(({ routed }) => routed.deployments.map(({ id }) => id).filter((id) => able.has(id)));
    return {
      steps: steps.filter((deployments) => deployments.length > 0),
      minLogprob: group.minLogprob ?? usualMinLogprob,
      verifier: group.verifier,
    };
  }

  return { router, memberOrder, latencies, stepsOf };
}

// Tokens of an answer that was mostly guessed have less than three fifths of a chance on the (geometric) mean.
const usualMinLogprob = -0.5;
