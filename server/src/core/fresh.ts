/** A value that is read again in the background once it is older than `maxAgeMs`; whoever asks meanwhile gets the old one. */
export interface Fresh<Value> {
  /** At once when it has been read before, else a promise of the first reading, which may reject. */
  get(): Value | Promise<Value>;
  /** The next `get` waits for a new reading. */
  forget(): void;
}

export interface FreshOptions {
  /** Monotonic milliseconds. */
  nowMs?: () => number;
  /** How old a value may be before it is read again: a change is in force within this and one reading. */
  maxAgeMs?: number;
  onFault?: (error: unknown) => void;
}

/** Keeps what `load` gives, for settings in the database that every call asks for. A reading that fails leaves the old value. */
export function createFresh<Value>(
  load: () => Promise<Value>,
  { nowMs = () => performance.now(), maxAgeMs = 800, onFault }: FreshOptions = {},
): Fresh<Value> {
  let known: { value: Value } | undefined;
  let readMs = 0;
  let reading: Promise<Value> | undefined;
  let generation = 0;

  function read(): Promise<Value> {
    const mine = generation;
    const pending = load()
      .then((value) => {
        if (mine === generation) {
          known = { value };
          readMs = nowMs();
        }
        return value;
      })
      .finally(() => {
        if (reading === pending) reading = undefined;
      });
    reading = pending;
    return pending;
  }

  return {
    get() {
      if (!known) return reading ?? read();
      if (nowMs() - readMs > maxAgeMs && !reading) {
        // Not again before the next interval, whatever comes of it.
        readMs = nowMs();
        read().catch((error) => onFault?.(error));
      }
      return known.value;
    },
    forget() {
      generation += 1;
      known = undefined;
      reading = undefined;
    },
  };
}
