/** Deadlines by the hundred without a timer each: one tick looks at all of them. Precise to one tick. */
export interface Watch {
  /** Moves the deadline to `ms` from now. */
  extend(ms: number): void;
  stop(): void;
}

export interface Watchdog {
  /** Calls `onExpire` once when `ms` pass without an extension. */
  watch(ms: number, onExpire: () => void): Watch;
  close(): void;
}

interface Entry extends Watch {
  deadline: number;
  onExpire: () => void;
}

/** `now` is a monotonic clock in milliseconds. The interval does not keep the process alive. */
export function createWatchdog({ now = () => performance.now(), tickMs = 50 } = {}): Watchdog {
  const entries = new Set<Entry>();
  let current = now();
  const timer = setInterval(() => {
    current = now();
    for (const entry of entries) {
      if (entry.deadline > current) continue;
      entries.delete(entry);
      entry.onExpire();
    }
  }, tickMs);
  timer.unref?.();
  return {
    watch(ms, onExpire) {
      const entry: Entry = {
        deadline: now() + ms,
        onExpire,
        // The tick's own clock is near enough here, and saves a system call on every frame.
        extend(moreMs) {
          entry.deadline = current + moreMs + tickMs;
        },
        stop() {
          entries.delete(entry);
        },
      };
      entries.add(entry);
      return entry;
    },
    close() {
      clearInterval(timer);
      entries.clear();
    },
  };
}
