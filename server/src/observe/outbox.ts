/** What came of a delivery: `later` is worth another try, `refused` is not. */
export type Delivery = 'sent' | 'later' | 'refused';

export interface OutboxDeps<Item> {
  /** Delivers these together. What it throws counts as `later`. */
  deliver(items: Item[]): Promise<Delivery>;
  /** Milliseconds that an item waits for others. */
  everyMs(): number;
  /** Told of items that are gone: delivered, or given up. */
  onGone?(count: number, outcome: 'sent' | 'dropped'): void;
  capacity?: number;
  batch?: number;
  attempts?: number;
}

const firstRetryMs = 500;
const closingMs = 2000;

/**
 * Things on their way to another system, which may be slow or away: adding one never waits and never fails. At most `capacity` are
 * kept; what does not fit, and what cannot be delivered after some tries, is dropped and counted.
 */
export function createOutbox<Item>(deps: OutboxDeps<Item>) {
  const { deliver, everyMs, onGone, capacity = 2048, batch = 512, attempts = 5 } = deps;
  let waiting: Item[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  function schedule(ms: number): void {
    if (closed || timer) return;
    timer = setTimeout(() => {
      timer = undefined;
      void flush();
    }, ms);
    timer.unref?.();
  }

  function flush(): Promise<void> {
    running ??= empty().finally(() => {
      running = undefined;
      if (waiting.length > 0) schedule(waiting.length >= batch ? 0 : everyMs());
    });
    return running;
  }

  async function empty(): Promise<void> {
    const items = waiting.slice(0, batch);
    waiting = waiting.slice(batch);
    if (items.length === 0) return;
    for (let tries = 1; ; tries++) {
      const came = await deliver(items).catch((): Delivery => 'later');
      if (came !== 'later' || tries === attempts || closed) {
        onGone?.(items.length, came === 'sent' ? 'sent' : 'dropped');
        return;
      }
      await pause(firstRetryMs * 2 ** (tries - 1));
    }
  }

  return {
    add(item: Item): void {
      if (closed || waiting.length >= capacity) {
        onGone?.(1, 'dropped');
        return;
      }
      waiting.push(item);
      if (running) return;
      if (waiting.length >= batch) void flush();
      else schedule(everyMs());
    },
    /** Delivers what waits now. */
    flush,
    /** Delivers what is left, as far as two seconds reach. */
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      const last = (async () => {
        await running;
        while (waiting.length > 0) await empty();
      })();
      let patience: ReturnType<typeof setTimeout> | undefined;
      const over = new Promise<void>((resolve) => {
        patience = setTimeout(resolve, closingMs);
      });
      await Promise.race([last, over]);
      clearTimeout(patience);
    },
  };
}

export type Outbox<Item> = ReturnType<typeof createOutbox<Item>>;

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref?.();
  });
