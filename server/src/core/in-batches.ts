export interface BatchesDeps<Key, Value> {
  /** Reads many at once; what is not in the answer is not there. */
  load(keys: readonly Key[]): Promise<ReadonlyMap<Key, Value>>;
  /** So many at most are read at once. */
  most?: number;
}

/**
 * Reads one thing at a time for each who asks, and from the source as many together as were asked for while it was busy: a flood of
 * questions costs it one reading after another and no more. The promise rejects when the reading does.
 */
export function inBatches<Key, Value>({ load, most = 256 }: BatchesDeps<Key, Value>) {
  type Waiting = { key: Key; resolve(value: Value | undefined): void; reject(error: unknown): void };
  let waiting: Waiting[] = [];
  let reading = false;

  async function readOn(): Promise<void> {
    reading = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try {
        const found = await load([...new Set(batch.map(({ key }) => key))]);
        for (const { key, resolve } of batch) resolve(found.get(key));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    reading = false;
  }

  return (key: Key): Promise<Value | undefined> =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (!reading) void readOn();
    });
}
