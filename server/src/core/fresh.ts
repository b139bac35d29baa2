/**
 * A value that is read again in the background once it is older than `maxAgeMs`; whoever asks meanwhile gets the old one, but
 * none older than `latestMs`: after a pause the first asking waits for a reading.
 */
export interface Fresh<Value> {
  /** At once when it was read lately, else a promise. It rejects when there is no value at all; a reading that fails gives the old one. */
  get(): Value | Promise<Value>;
  /** The next `get` waits for a new reading. */
  forget(): void;
}

export interface FreshOptions {
  /** Monotonic milliseconds. */
  nowMs?: () => number;
  /** How old a value may be before it is read again. */
  maxAgeMs?: number;
  /** How old a value may be and still be given: a change is in force within this. 300 ms more than `maxAgeMs` unless said. */
  latestMs?: number;
  onFault?: (error: unknown) => void;
}

/** Keeps what `load` gives, for settings in the database that every call asks for. A reading that fails leaves the old value. */
export function createFresh<Value>(
  load: () => Promise<Value>,
  { nowMs = () => performance.now(), maxAgeMs = 700, latestMs = maxAgeMs + 300, onFault }: FreshOptions = {},
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
      const { value } = known;
      const ageMs = nowMs() - readMs;
      if (ageMs <= maxAgeMs) return value;
      const began = generation;
      const pending = (reading ?? read()).catch((error: unknown) => {
        onFault?.(error);
        // Not again before the next interval: while the database is away every asking would wait.
        if (began === generation) readMs = nowMs();
        return value;
      });
      return ageMs > latestMs ? pending : value;
    },
    forget() {
      generation += 1;
      known = undefined;
      reading = undefined;
    },
  };
}
