import { shippedPrior } from '../../shared/src/routing/shipped-prior.ts';
import { createQualityBook } from './router/learned/quality-book.ts';
import { createMemberOrder } from './router/order-members.ts';
import { createRouter } from './router/router.ts';
import type { Setup } from './setup.ts';

/** Which model answers: names and groups of the configuration, and what is known of how well models answer. */
export function composeRouting(setup: () => Setup) {
  const isLocal = (provider: string) => setup().providers.get(provider)?.local ?? false;
  const memberOrder = createMemberOrder({
    quality: createQualityBook(shippedPrior()),
    isLocal,
    random: Math.random,
  });
  const router = createRouter({
    registry: () => setup().registry,
    credentials: (provider) => setup().providers.get(provider)?.credentials ?? [],
    memberOrder,
    baseline: () => setup().baseline,
    isLocal,
  });
  return { router, memberOrder };
}
