export interface StoredGroupsDeps<Group> {
  load(): Promise<Group[]>;
  /** Reads again every so often: for replicas that nobody tells of changes. */
  everyMs?: number;
  onFault(error: unknown): void;
}

/** The routing groups of the database, in memory. While it cannot be read, what was read last holds. */
export function createStoredGroups<Group>({ load, everyMs, onFault }: StoredGroupsDeps<Group>) {
  let groups: readonly Group[] = [];
  let asked = 0;

  /** Later readings win, whichever is first to come back. */
  async function refresh(): Promise<void> {
    const mine = ++asked;
    const read = await load();
    if (mine === asked) groups = read;
  }

  const quietly = () => void refresh().catch(onFault);
  const timer = everyMs === undefined ? undefined : setInterval(quietly, everyMs);
  timer?.unref?.();
  return {
    current: (): readonly Group[] => groups,
    refresh,
    /** The same in the background. */
    quietly,
    close: (): void => clearInterval(timer),
  };
}

export type StoredGroups<Group> = ReturnType<typeof createStoredGroups<Group>>;
