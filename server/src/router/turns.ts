import type { CallAbort } from '../core/call-abort.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Deployment, Target } from '../core/target.ts';
import { FairQueue, type Waiter } from './fair-queue.ts';
import type { Health } from './health.ts';

export interface QueueSettings {
  /** Calls that may run there at a time, over all replicas. */
  concurrent?: number;
  /** How long a call may wait for its turn. */
  maxWaitMs: number;
  /** How many may wait in each process. */
  maxLength: number;
}

/** Where calls take turns: a provider, or one model of it. */
export interface QueuePlace {
  name: string;
  settings: QueueSettings;
}

export interface TurnsDeps {
  /** Where calls to this deployment take turns; undefined: they do not. */
  placeOf(deployment: Deployment): QueuePlace | undefined;
  health: Pick<Health, 'availability'>;
  /** Replicas that share a provider's `concurrent`. */
  replicas?(): number;
  nowMs?: () => number;
}

/** The right to call one target, once. */
export interface Turn {
  target: Target;
  /** The first frame came. */
  answered(): void;
  /** Over; with `limited` when the provider refused because of a limit of its own. */
  end(how?: 'limited'): void;
  /** Where the call stands in line, should this turn come to nothing. */
  wait?: Wait;
}

/** A call's wait, which goes on where it was when its turn came to nothing. */
export interface Wait {
  tag: number;
  /** Until when it may wait; undefined: it has not waited yet. */
  untilMs?: number;
}

interface Waiting extends Waiter {
  targets: readonly Target[];
  resolve(turn: Turn): void;
  reject(error: SluiceError): void;
}

interface Place {
  queue: FairQueue<Waiting>;
  running: number;
  /** After a provider's limit its line starts again one by one; each that is answered lets two go. */
  easing: number | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Lets calls wait their turn, fairly by key, while a provider limits us or has as many calls as it may. A place without
 * settings has no line, and costs nothing.
 */
export function createTurns({ placeOf, health, replicas = () => 1, nowMs = () => performance.now() }: TurnsDeps) {
  const places = new Map<string, Place>();

  function open(name: string): Place {
    let place = places.get(name);
    if (!place) {
      place = { queue: new FairQueue(), running: 0, easing: undefined, timer: undefined };
      places.set(name, place);
    }
    return place;
  }

  const mostOf = ({ concurrent }: QueueSettings): number =>
    concurrent === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(concurrent / replicas()));

  function begin(target: Target, at: QueuePlace, place: Place): Turn {
    place.running += 1;
    if (place.easing !== undefined) place.easing = Math.max(0, place.easing - 1);
    let answered = false;
    let ended = false;
    return {
      target,
      answered() {
        if (answered) return;
        answered = true;
        if (place.easing !== undefined) place.easing = place.queue.length === 0 ? undefined : place.easing + 2;
        pump(at, place);
      },
      end(how) {
        if (ended) return;
        ended = true;
        place.running -= 1;
        if (how === 'limited') place.easing = 1;
        else if (!answered && place.easing !== undefined) place.easing += 1;
        pump(at, place);
      },
    };
  }

  /** Gives turns to those who wait, as long as there is room. */
  function pump(at: QueuePlace, place: Place): void {
    clearTimeout(place.timer);
    place.timer = undefined;
    while (place.queue.length > 0) {
      if (place.running >= mostOf(at.settings) || (place.easing !== undefined && place.easing <= 0)) return;
      const next = place.queue.peek()!;
      const target = next.targets.find((each) => placeOf(each.deployment)?.name === at.name && isOpen(each));
      if (target) {
        place.queue.take();
        next.resolve(begin(target, at, place));
        continue;
      }
      const waitMs = limitedForMs(next.targets);
      if (waitMs === undefined) {
        // Set aside for another reason than a limit: no wait that is worth while.
        place.queue.leave(next);
        next.reject(new SluiceError('no_target', `${at.name} is set aside for a moment.`, { retryAfterMs: 1000 }));
        continue;
      }
      // Timers may fire up to a millisecond early.
      place.timer = setTimeout(() => pump(at, place), Math.ceil(waitMs) + 1);
      return;
    }
  }

  const isOpen = (target: Target): boolean => health.availability(target).open;

  /** How long until a provider's limit on one of the targets is over; undefined when none is limited. */
  function limitedForMs(targets: readonly Target[]): number | undefined {
    let wait: number | undefined;
    for (const target of targets) {
      const rest = health.availability(target);
      if (!rest.open && rest.because === 'upstream_rate_limited')
        wait = Math.min(wait ?? rest.retryAfterMs, rest.retryAfterMs);
    }
    return wait;
  }

  return {
    /** A turn now; undefined when the place is full or others wait for it. Whether the target rests is not its affair. */
    take(target: Target, flow: string): Turn | undefined {
      const at = placeOf(target.deployment);
      if (!at) return freeTurn(target);
      const place = open(at.name);
      if (place.queue.length > 0 || place.running >= mostOf(at.settings)) return undefined;
      return { ...begin(target, at, place), wait: { tag: place.queue.pass(flow) } };
    },
    /**
     * Waits for a turn at the first of the targets that has a line, behind what the same flow has sent before. Undefined when
     * there is no line, or what keeps the targets from being called is no limit. Rejects with `upstream_rate_limited` when it
     * takes too long or the line is full, and with the reason when the call is given up.
     */
    wait(targets: readonly Target[], flow: string, abort: CallAbort, before?: Wait): Promise<Turn> | undefined {
      const first = targets.find(({ deployment }) => placeOf(deployment));
      const at = first && placeOf(first.deployment);
      if (!at) return undefined;
      const own = targets.filter(({ deployment }) => placeOf(deployment)?.name === at.name);
      if (!own.some(isOpen) && limitedForMs(own) === undefined) return undefined;
      const place = open(at.name);
      const { maxWaitMs, maxLength } = at.settings;
      const untilMs = before?.untilMs ?? nowMs() + maxWaitMs;
      if (abort.reason) return Promise.reject(abort.reason);
      return new Promise((resolve, reject) => {
        const done = () => {
          clearTimeout(timer);
          letGo();
        };
        const refuse = (message: string) =>
          new SluiceError('upstream_rate_limited', message, { retryAfterMs: limitedForMs(own) ?? 1000 });
        const waiting: Waiting = {
          flow,
          tag: before?.tag ?? 0,
          targets: own,
          resolve(turn) {
            done();
            resolve({ ...turn, wait: { tag: waiting.tag, untilMs } });
          },
          reject(error) {
            done();
            reject(error);
          },
        };
        const letGo = abort.onAbort((reason) => {
          place.queue.leave(waiting);
          waiting.reject(reason);
        });
        const timer = setTimeout(
          () => {
            place.queue.leave(waiting);
            waiting.reject(
              refuse(`No turn at ${at.name} came within ${Math.round(maxWaitMs / 100) / 10} s. Try again shortly.`),
            );
          },
          Math.max(0, untilMs - nowMs()),
        );
        const out = place.queue.join(waiting, maxLength, before !== undefined);
        out?.reject(refuse(`${maxLength} calls wait for ${at.name} already. Try again shortly.`));
        pump(at, place);
      });
    },
    /** How many wait, where any do. */
    *waiting(): Generator<readonly [name: string, calls: number]> {
      for (const [name, { queue }] of places) if (queue.length > 0) yield [name, queue.length];
    },
  };
}

export type Turns = ReturnType<typeof createTurns>;

const nothing = () => {};
const freeTurn = (target: Target): Turn => ({ target, answered: nothing, end: nothing });
