export interface ShortMemoryDeps<Value> {
  load(key: string): Promise<Value>;
  /** Monotonic milliseconds. */
  nowMs: () => number;
  /** How long what was read is believed, counted from when its reading began. */
  freshMs?: number;
  maxEntries?: number;
}

/** What was read from the database within the last second: a change reaches every replica in that time. */
export interface ShortMemory<Value> {
  /** What is known, without asking; undefined when nothing is known, or it is too old. */
  recall(key: string): { value: Value } | undefined;
  /** Reads; those who ask at the same time share one reading. */
  read(key: string): Promise<Value>;
  /** Nothing is believed any more, nor is the answer of a reading that has begun. */
  forget(): void;
}

export function createShortMemory<Value>({
  load,
  nowMs,
  freshMs = 1000,
  maxEntries = 10_000,
}: ShortMemoryDeps<Value>): ShortMemory<Value> {
  const known = new Map<string, { value: Value; readMs: number }>();
  const reading = new Map<string, Promise<Value>>();

  return {
    recall(key) {
      const entry = known.get(key);
      return entry && nowMs() - entry.readMs < freshMs ? entry : undefined;
    },
    read(key) {
      const found = reading.get(key);
      if (found) return found;
      const readMs = nowMs();
      const pending: Promise<Value> = load(key)
        .then((value) => {
          if (reading.get(key) !== pending) return value;
          if (known.size >= maxEntries) known.clear();
          known.set(key, { value, readMs });
          return value;
        })
        .finally(() => {
          if (reading.get(key) === pending) reading.delete(key);
        });
      reading.set(key, pending);
      return pending;
    },
    forget() {
      known.clear();
      reading.clear();
    },
  };
}
