import type { AlertsSection } from '../../config/alerts.ts';
import type { AlertCenter } from './alert-center.ts';

export interface WatchProvidersDeps {
  settings(): AlertsSection['provider'];
  center: Pick<AlertCenter, 'fire' | 'resolve'>;
  instance: string;
  nowMs?: () => number;
}

interface Streak {
  failures: number;
  sinceMs: number;
  outcome: string;
}

/** What says that a provider is not there; being limited, or asked for what it cannot do, says the opposite. */
const downs: ReadonlySet<string> = new Set([
  'upstream_unreachable',
  'upstream_overloaded',
  'upstream_timeout',
  'upstream_invalid_answer',
  'upstream_credential',
  'quota_exhausted',
]);

const keyOf = (provider: string): string => `provider:${provider}`;

/** Looks at providers at which one try after the other fails. The first that succeeds ends it. */
export function watchProviders({ settings, center, instance, nowMs = Date.now }: WatchProvidersDeps) {
  const streaks = new Map<string, Streak>();

  return {
    attempted(provider: string, outcome: string): void {
      if (outcome === 'ok') {
        if (streaks.size > 0 && streaks.delete(provider)) center.resolve(keyOf(provider));
        return;
      }
      if (!downs.has(outcome)) return;
      const streak = streaks.get(provider) ?? { failures: 0, sinceMs: nowMs(), outcome };
      streak.failures += 1;
      streak.outcome = outcome;
      streaks.set(provider, streak);
      const { failures, afterSeconds } = settings();
      if (streak.failures < failures || nowMs() - streak.sinceMs < afterSeconds * 1000) return;
      center.fire({
        key: keyOf(provider),
        kind: 'provider',
        severity: 'critical',
        title: `The provider ${provider} is down`,
        text: `The last ${streak.failures} tries failed, the last with ${outcome}, at ${instance}. Calls go to fallbacks where there are any.`,
        facts: { provider, failures: streak.failures, outcome, instance },
      });
    },
  };
}
