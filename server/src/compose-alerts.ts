import { hostname } from 'node:os';
import { ConfigError, faultAt } from './config/load.ts';
import type { ConfigFile } from './config/schema.ts';
import type { Egress } from './egress/client.ts';
import { createSmtp, type SendMail } from './egress/smtp.ts';
import type { BudgetReached } from './ledger/budget-alerts.ts';
import { inWords } from './ledger/exceeded.ts';
import { createAlertCenter } from './observe/alerts/alert-center.ts';
import { deliverAlert } from './observe/alerts/channels.ts';
import { watchErrors } from './observe/alerts/watch-errors.ts';
import { watchProviders } from './observe/alerts/watch-providers.ts';
import type { Logger } from './observe/logger.ts';
import type { Setup } from './setup.ts';
import { type SharedRedis, script } from './store/redis.ts';

export interface ComposeAlertsDeps {
  setup(): Setup;
  redis: SharedRedis | undefined;
  egress: Egress;
  logger: Logger;
  onGone(signal: 'alerts', count: number, outcome: 'sent' | 'dropped'): void;
}

const lookEveryMs = 1000;
const claimScript = script(`return redis.call('set', KEYS[1], '1', 'NX', 'PX', ARGV[1]) and 1 or 0`);

/** Throws ConfigError when channels of alerts have nothing to go by, which cannot be seen in their section alone. */
export function checkAlerts(config: ConfigFile): void {
  if (config.auth.smtp) return;
  const faults = Object.entries(config.alerts.channels)
    .filter(([, { kind }]) => kind === 'email')
    .map(([name]) => faultAt(config, ['alerts', 'channels', name], 'a channel of the kind email needs `auth.smtp`'));
  if (faults.length > 0) throw new ConfigError(faults);
}

/** Who is told of budgets, errors and providers that are down. */
export function composeAlerts({ setup, redis, egress, logger, onGone }: ComposeAlertsDeps) {
  let mail: { smtp: ConfigFile['auth']['smtp']; send?: SendMail } = { smtp: undefined };
  function mailNow(): SendMail | undefined {
    const { smtp } = setup().config.auth;
    if (mail.smtp !== smtp) mail = { smtp, ...(smtp && { send: createSmtp(smtp) }) };
    return mail.send;
  }
  const settings = () => setup().config.alerts;
  const center = createAlertCenter({
    settings,
    deliver: (message, channel) => deliverAlert(message, channel, { egress, mail: mailNow }),
    // Without Redis, or while it is away, everybody tells: twice is better than not at all.
    claim: async (key, forMs) =>
      redis === undefined || (await redis.run(claimScript, [`alert:${key}`], [Math.ceil(forMs)]).catch(() => 1)) === 1,
    release: async (key) => {
      await redis?.remove(`alert:${key}`).catch(() => {});
    },
    onGone: (count, outcome) => onGone('alerts', count, outcome),
    onFault: (channel, words) => logger.warn({ channel }, `an alert was not taken: ${words}`),
  });
  const instance = hostname();
  const errors = watchErrors({ settings: () => settings().errors, center, instance });
  const providers = watchProviders({ settings: () => settings().provider, center, instance });
  /** When the windows of budgets that were told of end. */
  const windows = new Map<string, number>();

  const timer = setInterval(() => {
    if (Object.keys(settings().channels).length === 0) return;
    errors.look();
    for (const [key, endMs] of windows) {
      if (endMs > Date.now()) continue;
      windows.delete(key);
      center.resolve(key);
    }
  }, lookEveryMs);
  timer.unref?.();

  return {
    /** A call that has its row. */
    settled: errors.count,
    attempted: providers.attempted,
    budget({
      budgetId,
      name,
      unit,
      threshold,
      spent,
      limit,
      hard,
      organisationId,
      windowStart,
      windowEndMs,
    }: BudgetReached): void {
      const key = `budget:${budgetId}:${threshold}:${windowStart.getTime()}`;
      const consequence = threshold < 100 ? '' : hard ? ' Further calls are refused.' : ' It only tells; calls go on.';
      if (windowEndMs !== undefined) windows.set(key, windowEndMs);
      center.fire({
        key,
        kind: 'budget',
        severity: threshold >= 100 ? 'critical' : 'warning',
        title: `The budget ${JSON.stringify(name)} reached ${threshold} %`,
        text: `${inWords(unit, spent)} of ${inWords(unit, limit)} are spent.${consequence}`,
        facts: { budget: budgetId, name, organisation: organisationId, threshold, spent, limit, unit },
      });
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await center.close();
    },
  };
}

export type ComposedAlerts = ReturnType<typeof composeAlerts>;
