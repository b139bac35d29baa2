import { createHealth, type HealthDeps, type Rest, type RestCode } from './router/health.ts';
import type { SharedRedis } from './store/redis.ts';

const channel = 'rests';
const codes: ReadonlySet<unknown> = new Set<RestCode>([
  'upstream_rate_limited',
  'upstream_credential',
  'quota_exhausted',
]);

/**
 * Health, with the other replicas told of credentials that rest: what a provider says of a key holds for everybody who uses it. A
 * deployment that cannot be reached is no news to them, since the fault may be this replica's own network.
 */
export function composeHealth({
  settings,
  redis,
}: Pick<HealthDeps, 'settings'> & { redis: Pick<SharedRedis, 'publish' | 'subscribe'> | undefined }) {
  const health = createHealth({
    settings,
    // While Redis is away each replica hears it from the provider.
    onRest: (rest) => void redis?.publish(channel, JSON.stringify(rest)).catch(() => {}),
  });
  // What this process published comes back to it, and says what it knows.
  redis?.subscribe(channel, (message) => {
    const rest = readRest(message);
    if (rest) health.rest(rest);
  });
  return health;
}

/** What another replica sent; undefined when another version wrote it in a form that this one does not know. */
function readRest(message: string): Rest | undefined {
  try {
    const { key, ms, because } = JSON.parse(message) as Record<keyof Rest, unknown>;
    if (typeof key !== 'string' || typeof ms !== 'number' || !(ms > 0) || !codes.has(because)) return undefined;
    return { key, ms, because: because as RestCode };
  } catch {
    return undefined;
  }
}
