import type { AlertChannel, AlertsSection } from '../../config/alerts.ts';
import { newId } from '../../core/new-id.ts';
import { createOutbox, type Delivery, type Outbox } from '../outbox.ts';
import type { Alert, AlertMessage } from './alert.ts';

export interface AlertCenterDeps {
  settings(): AlertsSection;
  deliver(message: AlertMessage, channel: AlertChannel): Promise<Delivery>;
  /** True for one replica only within that time; those that share nothing each tell. Never rejects. */
  claim(key: string, forMs: number): Promise<boolean>;
  release(key: string): Promise<void>;
  onGone(count: number, outcome: 'sent' | 'dropped'): void;
  /** Told of what a channel did not take; names the channel and nothing else of it. */
  onFault(channel: string, words: string): void;
  nowMs?: () => number;
}

interface Standing {
  alert: Alert;
  sinceMs: number;
  toldMs: number;
  /** Who heard of it, and is to hear that it is over. */
  channels: Set<string>;
  telling: Promise<void>;
}

const hourMs = 3_600_000;
const minuteMs = 60_000;
const sendEveryMs = 20;
const mostStanding = 10_000;

/**
 * Tells people of what goes wrong: once for one thing, again only after `repeatMinutes`, and once more when it is over. A channel
 * gets at most `maxPerHour` messages that something began; what is over is always told to whom it was told that it began.
 */
export function createAlertCenter(deps: AlertCenterDeps) {
  const { settings, deliver, claim, release, onGone, onFault, nowMs = Date.now } = deps;
  const standing = new Map<string, Standing>();
  const sent = new Map<string, number[]>();
  const outboxes = new Map<string, Outbox<AlertMessage>>();

  function outboxOf(name: string): Outbox<AlertMessage> {
    const known = outboxes.get(name);
    if (known) return known;
    const made = createOutbox<AlertMessage>({
      everyMs: () => sendEveryMs,
      batch: 1,
      capacity: 200,
      onGone,
      async deliver([message]) {
        const channel = settings().channels[name];
        if (!channel) return 'refused';
        const came = await deliver(message!, channel).catch((): Delivery => 'later');
        if (came !== 'sent') onFault(name, came === 'later' ? 'it is tried again' : 'it is given up');
        return came;
      },
    });
    outboxes.set(name, made);
    return made;
  }

  function mayHear(name: string): boolean {
    const since = nowMs() - hourMs;
    const recent = (sent.get(name) ?? []).filter((atMs) => atMs > since);
    const may = recent.length < settings().maxPerHour;
    if (may) recent.push(nowMs());
    sent.set(name, recent);
    return may;
  }

  const message = (status: AlertMessage['status'], { alert, sinceMs }: Standing): AlertMessage => ({
    id: newId('alert_'),
    status,
    alert,
    sinceMs,
    atMs: nowMs(),
  });

  async function tell(one: Standing): Promise<void> {
    const { repeatMinutes, channels } = settings();
    if (!(await claim(one.alert.key, repeatMinutes * minuteMs))) return;
    const firing = message('firing', one);
    for (const [name, channel] of Object.entries(channels)) {
      if (channel.for && !channel.for.includes(one.alert.kind)) continue;
      if (!mayHear(name)) {
        onGone(1, 'dropped');
        onFault(name, 'it has had its most messages within the hour');
        continue;
      }
      one.channels.add(name);
      outboxOf(name).add(firing);
    }
  }

  return {
    /** Something is wrong, or still is. */
    fire(alert: Alert): void {
      const { channels, repeatMinutes } = settings();
      if (Object.keys(channels).length === 0) return;
      const known = standing.get(alert.key);
      if (known && nowMs() - known.toldMs < repeatMinutes * minuteMs) return;
      if (!known && standing.size >= mostStanding) return;
      const one: Standing = known ?? {
        alert,
        sinceMs: nowMs(),
        toldMs: 0,
        channels: new Set(),
        telling: Promise.resolve(),
      };
      Object.assign(one, { alert, toldMs: nowMs() });
      standing.set(alert.key, one);
      one.telling = one.telling.then(() => tell(one));
    },
    /** It is over. Nothing happens when it had not begun. */
    resolve(key: string): void {
      const one = standing.get(key);
      if (!one) return;
      standing.delete(key);
      // Nobody hears that it is over before they hear that it began.
      void one.telling.then(() => {
        if (one.channels.size === 0) return;
        void release(key);
        const over = message('resolved', one);
        for (const name of one.channels) outboxOf(name).add(over);
      });
    },
    isStanding: (key: string): boolean => standing.has(key),
    async close(): Promise<void> {
      await Promise.all([...outboxes.values()].map((outbox) => outbox.close()));
    },
  };
}

export type AlertCenter = ReturnType<typeof createAlertCenter>;
