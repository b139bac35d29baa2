import { loginNouns } from './compose-login.ts';
import { rightsNouns } from './compose-tenancy.ts';
import { newId } from './core/new-id.ts';
import type { PlatformAccess } from './http/platform/access.ts';
import { createStandIns } from './http/platform/live-asker.ts';
import { createLiveSockets } from './http/platform/live-sockets.ts';
import { createLiveUpgrade } from './http/platform/live-upgrade.ts';
import type { Bus } from './realtime/bus.ts';
import { liveChannel, readSecond, writeSecond } from './realtime/live-exchange.ts';
import { createLiveMetrics } from './realtime/live-metrics.ts';
import { createTickets } from './realtime/tickets.ts';
import type { SharedRedis } from './store/redis.ts';
import { createSharedTickets } from './store/ticket-store.ts';

export interface LiveDeps {
  redis: SharedRedis | undefined;
  bus: Pick<Bus, 'subscribe'>;
  access: PlatformAccess;
  /** The origin that people log in at by this request. */
  originOf(request: Request): string | undefined;
  addressOf(request: Request): string | undefined;
  /** Calls that this process handles now. */
  inFlight(): number;
}

/** So long after a second's end the sums of the other replicas are waited for before it is shown. */
const gatherMs = 250;

/** The live figures: what counts calls, what tells other replicas and hears from them, and the sockets that show it. */
export function composeLive({ redis, bus, access, originOf, addressOf, inFlight }: LiveDeps) {
  const self = newId('live_');
  const metrics = createLiveMetrics();
  const tickets = createTickets(redis && { shared: createSharedTickets({ redis }) });
  const standIns = createStandIns();
  const sockets = createLiveSockets({ identify: access.identify, metrics });

  const show = () => sockets.send(metrics.show());
  function endSecond(): void {
    const ended = metrics.finish(inFlight());
    if (redis) {
      // While Redis is away, each replica shows what it counted itself.
      for (const each of ended) redis.publish(liveChannel, writeSecond(self, each)).catch(() => {});
      after(gatherMs, show);
    } else show();
    after(untilNextSecond(), endSecond);
  }

  const timers = new Set<ReturnType<typeof setTimeout>>();
  function after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timer.unref?.();
    timers.add(timer);
  }
  after(untilNextSecond(), endSecond);

  const stops = [
    redis?.subscribe(liveChannel, (message) => {
      const second = readSecond(self, message);
      if (second) metrics.receive(second);
    }),
    // What is believed of keys and people is forgotten first, for those who do that have subscribed before.
    bus.subscribe([...new Set([...loginNouns, ...rightsNouns])], sockets.recheck),
  ];

  return {
    /** Counts a call that has ended now. */
    count: metrics.add,
    routes: { tickets, originOf },
    /** The address that a stand-in of a socket's asker stands for. */
    standInAddress: standIns.addressOf,
    upgrade: createLiveUpgrade({ access, tickets, sockets, standIns, originOf, addressOf }),
    close(): void {
      for (const timer of timers) clearTimeout(timer);
      for (const stop of stops) stop?.();
      sockets.close();
    },
  };
}

const untilNextSecond = (): number => 1000 - (Date.now() % 1000);
