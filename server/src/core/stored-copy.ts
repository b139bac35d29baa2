export interface StoredCopyDeps<Value> {
  /** What holds until it was read. */
  empty: Value;
  load(): Promise<Value>;
  /** Reads again every so often: for replicas that nobody tells of changes. */
  everyMs?: number;
  /** Called when what was read is in force, with what was before, ahead of the reading's own promise. */
  onRead?(value: Value, before: Value): void;
  onFault(error: unknown): void;
}

/** Something small of the database, in memory. While it cannot be read, what was read last holds. */
export function createStoredCopy<Value>({ empty, load, everyMs, onRead, onFault }: StoredCopyDeps<Value>) {
  let held = empty;
  let asked = 0;
  let read = false;

  /** Later readings win, whichever is first to come back. */
  async function refresh(): Promise<void> {
    const mine = ++asked;
    const value = await load();
    if (mine !== asked) return;
    const before = held;
    held = value;
    read = true;
    onRead?.(value, before);
  }

  const quietly = () => void refresh().catch(onFault);
  const timer = everyMs === undefined ? undefined : setInterval(quietly, everyMs);
  timer?.unref?.();
  return {
    current: (): Value => held,
    /** Whether it was read at all. */
    isRead: () => read,
    refresh,
    /** The same in the background. */
    quietly,
    close: (): void => clearInterval(timer),
  };
}

export type StoredCopy<Value> = ReturnType<typeof createStoredCopy<Value>>;
