import { randomUUID } from 'node:crypto';
import type { SentrySettings } from '../../config/telemetry.ts';
import type { Egress } from '../../egress/client.ts';
import { createOutbox, type Delivery } from '../outbox.ts';
import { type ErrorPlace, eventOf } from './event.ts';

export interface SentryDeps {
  /** Undefined while errors are reported to nobody. */
  settings(): SentrySettings | undefined;
  egress: Egress;
  release: string;
  instance: string;
  /** Texts that must not leave, whatever an error says. */
  secrets(): Iterable<string>;
  onGone(count: number, outcome: 'sent' | 'dropped'): void;
  nowMs?: () => number;
}

const sendWithinMs = 10_000;
const sameEveryMs = 60_000;
const mostRemembered = 500;
const sendEveryMs = 100;

/**
 * Reports errors that nobody foresaw to Sentry, or to what speaks its protocol: the same one at most once a minute, in the
 * background. What callers and providers do wrong is none.
 */
export function createSentry(deps: SentryDeps) {
  const { settings, egress, release, instance, secrets, onGone, nowMs = Date.now } = deps;
  const lastSeen = new Map<string, number>();
  const outbox = createOutbox<ReturnType<typeof eventOf>>({
    everyMs: () => sendEveryMs,
    batch: 1,
    capacity: 100,
    onGone,
    async deliver([event]): Promise<Delivery> {
      const to = settings();
      return to ? post(egress, to.dsn, event!, release, nowMs()) : 'refused';
    },
  });

  function isNew(error: unknown): boolean {
    const stack = error instanceof Error ? error.stack : String(error);
    const mark = (stack ?? '').slice(0, 500);
    if (nowMs() - (lastSeen.get(mark) ?? Number.NEGATIVE_INFINITY) < sameEveryMs) return false;
    if (lastSeen.size >= mostRemembered) lastSeen.clear();
    lastSeen.set(mark, nowMs());
    return true;
  }

  return {
    report(error: unknown, place: ErrorPlace): void {
      const to = settings();
      if (!to || !isNew(error)) return;
      const id = randomUUID().replaceAll('-', '');
      const facts = { release, environment: to.environment, instance, secrets: secrets() };
      outbox.add(eventOf(error, place, facts, id, nowMs()));
    },
    close: outbox.close,
  };
}

export type Sentry = ReturnType<typeof createSentry>;

/** One envelope: https://develop.sentry.dev/sdk/foundations/transport/envelopes/. */
async function post(
  egress: Egress,
  dsn: string,
  event: ReturnType<typeof eventOf>,
  release: string,
  atMs: number,
): Promise<Delivery> {
  const { protocol, host, pathname, username } = new URL(dsn);
  const at = pathname.lastIndexOf('/');
  const url = `${protocol}//${host}${pathname.slice(0, at)}/api/${pathname.slice(at + 1)}/envelope/`;
  const lines = [{ event_id: event.event_id, sent_at: new Date(atMs).toISOString() }, { type: 'event' }, event];
  const response = await egress(
    {
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/x-sentry-envelope',
        'x-sentry-auth': `Sentry sentry_version=7, sentry_client=sluice/${release}, sentry_key=${username}`,
      },
      body: `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
    },
    { signal: AbortSignal.timeout(sendWithinMs) },
  );
  response.body?.cancel().catch(() => {});
  if (response.ok) return 'sent';
  return response.status === 429 || response.status >= 500 ? 'later' : 'refused';
}
