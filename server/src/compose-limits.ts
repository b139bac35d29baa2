import type { ComposedReplicas } from './compose-replicas.ts';
import type { RateLimitSettings } from './config/rate-limits.ts';
import type { Freshness } from './core/fresh.ts';
import type { Deployment } from './core/target.ts';
import type { Logger } from './observe/logger.ts';
import type { observeReplicas } from './observe/replica-metrics.ts';
import { limitRate } from './policy/limit-rate.ts';
import type { Limit } from './policy/limits/applying.ts';
import { createLimitService } from './policy/limits/limit-service.ts';
import { createLimitSet } from './policy/limits/limit-set.ts';
import { createLocalLimiter } from './policy/limits/local-limiter.ts';
import { createSharedLimiter } from './policy/limits/shared-limiter.ts';
import type { Registry } from './router/registry.ts';
import type { Setup } from './setup.ts';
import type { AuditedChange } from './store/audit-store.ts';
import type { Sql } from './store/database.ts';
import { createLimitStore } from './store/limit-store.ts';
import type { SharedRedis } from './store/redis.ts';

export interface LimitsDeps {
  /** How old what the database says may be. */
  fresh: Freshness;
  setup(): Setup;
  sql(): Promise<Sql>;
  isOpen(): boolean;
  audited: AuditedChange;
  replicas: ComposedReplicas;
  redis: SharedRedis | undefined;
  metrics: Pick<ReturnType<typeof observeReplicas>, 'refused'>;
  logger: Logger;
}

/** Limits of requests, tokens and calls at a time: the policy, what administrators set, and what counts. */
export function composeLimits({ fresh, setup, sql, isOpen, audited, replicas, redis, metrics, logger }: LimitsDeps) {
  const onFault = (error: unknown) => logger.error({ err: error }, 'a limit could not be counted or read');
  const store = createLimitStore(sql);
  const set = createLimitSet({ load: (organisationId) => store.list(organisationId), isOpen, onFault, ...fresh });
  replicas.bus.subscribe(['limit'], ({ organisationId }) => set.forget(organisationId));
  const shared = redis && createSharedLimiter({ redis, replicas: replicas.count, onFault });

  let read: { settings: readonly RateLimitSettings[]; limits: Limit[] } | undefined;
  function gatewayLimits(): Limit[] {
    const settings = setup().config.rateLimits;
    if (read?.settings !== settings) read = { settings, limits: limitsOfFile(settings) };
    return read.limits;
  }

  return {
    policy: limitRate({
      limiter: shared ?? createLocalLimiter(),
      gatewayLimits,
      organisationLimits: ({ principal }) => set.of(principal),
      modelNames: (model) => modelNames(setup().registry, model),
      targetNames: (deployment) => targetNames(setup().registry, deployment),
      onRefused: ({ kind }) => metrics.refused(kind),
    }),
    service: createLimitService({ store, audited }),
    close: async (): Promise<void> => shared?.close(),
  };
}

/** Counts go on when the file is read again, so a limit is known by what it is for. */
function limitsOfFile(settings: readonly RateLimitSettings[]): Limit[] {
  const seen = new Map<string, number>();
  return settings.map(({ per, ...figures }) => {
    const name = `file:${per}:${figures.model ?? ''}`;
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return { ...figures, subject: per, id: before === 0 ? name : `${name}:${before}` };
  });
}

/** The place's own names, and those of the models that are served there. */
function targetNames(registry: Registry, { id, provider, upstream }: Deployment): string[] {
  const names = new Set([id, `${provider}/${upstream}`]);
  for (const model of registry.models()) if (model.deployments.some((each) => each.id === id)) names.add(model.id);
  return [...names];
}

/** A limit of a model holds for all the names that lead to it. Where a group leads is known once a place was chosen. */
function modelNames(registry: Registry, asked: string): string[] {
  const names = new Set([asked]);
  const alias = registry.aliases()[asked];
  if (alias !== undefined) names.add(alias);
  try {
    const resolution = registry.resolve(asked);
    if (resolution.kind === 'model') {
      names.add(resolution.model.id);
      for (const { provider, upstream } of resolution.model.deployments) names.add(`${provider}/${upstream}`);
    }
  } catch {
    // A name that leads nowhere is refused by the router, in its own words.
  }
  return [...names];
}
