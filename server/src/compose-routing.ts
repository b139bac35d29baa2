import { shippedPrior } from '../../shared/src/routing/shipped-prior.ts';
import { groupSchema } from './config/group.ts';
import type { ModelCall } from './core/call.ts';
import { createStoredCopy, type StoredCopy } from './core/stored-copy.ts';
import type { RoutingGroupDeps } from './http/platform/routing-groups.ts';
import type { CascadeSteps } from './policy/cascade/cascade.ts';
import { createRoutingGroupService } from './policy/routing/routing-group-service.ts';
import type { Bus } from './realtime/bus.ts';
import { createLatencies } from './router/latency.ts';
import { createQualityBook } from './router/learned/quality-book.ts';
import { createMemberOrder } from './router/order-members.ts';
import type { Group } from './router/registry.ts';
import { createRouter } from './router/router.ts';
import { groupOf, type Setup } from './setup.ts';
import type { AuditedChange } from './store/audit-store.ts';
import type { Sql } from './store/database.ts';
import { createRoutingGroupStore } from './store/routing-group-store.ts';

/** The routing groups that administrators made, in memory. `everyMs`: how often they are looked at, where nobody tells of changes. */
export function composeStoredGroups(
  sql: () => Promise<Sql>,
  everyMs: number | undefined,
  onFault: (error: unknown) => void,
) {
  const store = createRoutingGroupStore(sql);
  return createStoredCopy<readonly Group[]>({
    empty: [],
    async load() {
      const rows = await store.list();
      return rows.flatMap(({ name, settings }) => {
        const read = groupSchema.safeParse(settings);
        if (!read.success) onFault(read.error);
        return read.success ? [groupOf(name, 'database', read.data)] : [];
      });
    },
    everyMs,
    onFault,
  });
}

export interface RoutingDeps {
  setup(): Setup;
  sql(): Promise<Sql>;
  stored: StoredCopy<readonly Group[]>;
  audited: AuditedChange;
  bus: Bus;
}

/** Which model answers: names and groups, and what is known of how well and how quickly models answer. */
export function composeRouting({ setup, sql, stored, audited, bus }: RoutingDeps) {
  bus.subscribe(['routing-group'], stored.quietly);
  const isLocal = (provider: string) => setup().providers.get(provider)?.local ?? false;
  const latencies = createLatencies();
  const quality = createQualityBook(shippedPrior());
  const memberOrder = createMemberOrder({
    quality,
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
    const group = name === undefined ? undefined : registry.group(name);
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

  /** The classifier of the group that a call is for; undefined where nothing is classified. */
  function classifierOf({ constraints, model }: ModelCall): string | undefined {
    const { registry } = setup();
    const name = constraints?.group ?? registry.groupOf(model);
    const group = name === undefined ? undefined : registry.group(name);
    return group?.strategy === 'classifier' ? group.classifier : undefined;
  }

  const platform: RoutingGroupDeps = {
    registry: () => setup().registry,
    service: createRoutingGroupService({
      store: createRoutingGroupStore(sql),
      audited,
      isInFile: (name) => Object.hasOwn(setup().config.groups, name),
      refresh: stored.refresh,
    }),
  };
  return { router, quality, memberOrder, latencies, stepsOf, classifierOf, platform };
}

// Tokens of an answer that was mostly guessed have less than three fifths of a chance on the (geometric) mean.
const usualMinLogprob = -0.5;
