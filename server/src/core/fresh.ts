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

/** How old settings may be that are read from the database for every call. */
export type Freshness = Pick<FreshOptions, 'maxAgeMs'>;

/** Nobody else writes to the embedded database: whoever changes something tells of it, and little is to be read again. */
export const ownDatabase: Freshness = { maxAgeMs: 30_000 };

/** Keeps what `load` gives, for settings in the database that every call asks for. A reading that fails leaves the old value. */
export function createFresh<Value>(
  load: () => Promise<Value>,
  { nowMs = () => performance.now(), maxAgeMs = 700, latestMs = maxAgeMs + 300, onFault }: FreshOptions = {},
): Fresh<Value> {
  let known: { value: Value } | undefined;
  let readMs = 0;
  let reading: Promise<Value> | undefined;
  let refreshing: Promise<Value> | undefined;
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

  /** Reads again; a fault is told once, however many wait, and leaves the old value. */
  function refresh(old: Value): Promise<Value> {
    const mine = generation;
    const pending = (reading ?? read())
      .catch((error: unknown) => {
        onFault?.(error);
        // Not again before the next interval: while the database is away every asking would wait.
        if (mine === generation) readMs = nowMs();
        return old;
      })
      .finally(() => {
        if (refreshing === pending) refreshing = undefined;
      });
    refreshing = pending;
    return pending;
  }

  return {
    get() {
      if (!known) return reading ?? read();
      const { value } = known;
      const ageMs = nowMs() - readMs;
      if (ageMs <= maxAgeMs) return value;
      const refreshed = refreshing ?? refresh(value);
      return ageMs > latestMs ? refreshed : value;
    },
    forget() {
      generation += 1;
      known = undefined;
      reading = undefined;
      refreshing = undefined;
    },
  };
}

/** A fresh value for each key, such as an organisation's settings by its id. */
export interface FreshByKey<Value> {
  get(key: string): Value | Promise<Value>;
  /** The next `get` of this key, or of any without one, waits for a new reading. */
  forget(key?: string): void;
}

export interface FreshByKeyOptions extends FreshOptions {
  /** Keys that are remembered; beyond, all are forgotten, since keys may come from callers. */
  maxKeys?: number;
}

/** `createFresh` for every key that is asked for. */
export function createFreshByKey<Value>(
  load: (key: string) => Promise<Value>,
  { maxKeys = 10_000, ...options }: FreshByKeyOptions = {},
): FreshByKey<Value> {
  const known = new Map<string, Fresh<Value>>();
  return {
    get(key) {
      let fresh = known.get(key);
      if (!fresh) {
        if (known.size >= maxKeys) known.clear();
        fresh = createFresh(() => load(key), options);
        known.set(key, fresh);
      }
      return fresh.get();
    },
    forget(key) {
      if (key !== undefined) known.get(key)?.forget();
      else for (const fresh of known.values()) fresh.forget();
    },
  };
}
