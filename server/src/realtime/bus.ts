/** An administrative change, as all replicas are told of it. */
export interface Change {
  /** Noun and act, like `limit.update`; empty when news may have been missed, and anything may have changed. */
  action: string;
  organisationId?: string;
  target?: { kind: string; id: string };
}

/** What carries news to the other replicas. */
export interface Carrier {
  publish(channel: string, message: string): Promise<void>;
  /** Also called for what this process publishes. */
  subscribe(channel: string, handler: (message: string) => void): () => void;
  /** Calls the handler when news comes again after a break, in which some may have been missed. */
  onResume(handler: () => void): () => void;
}

export interface Bus {
  /** Tells this process at once and the others as soon as it gets there; what is missed is learned from the database. */
  publish(change: Change): void;
  /** Calls the handler for changes of these nouns, and when anything may have changed. Returns how to stop. */
  subscribe(nouns: readonly string[], handler: (change: Change) => void): () => void;
  close(): void;
}

const channel = 'changes';

/** Tells of changes: within this process, and to the other replicas when there is a carrier. `self` is this replica's id. */
export function createBus({ self, carrier }: { self: string; carrier?: Carrier }): Bus {
  const subscribers = new Set<{ nouns: readonly string[]; handler: (change: Change) => void }>();

  function tell(change: Change): void {
    const noun = change.action.split('.', 1)[0]!;
    for (const { nouns, handler } of subscribers) if (noun === '' || nouns.includes(noun)) handler(change);
  }

  const stops = carrier
    ? [
        carrier.subscribe(channel, (message) => {
          const read = readMessage(message);
          if (read && read.from !== self) tell(read.change);
        }),
        carrier.onResume(() => tell({ action: '' })),
      ]
    : [];

  return {
    publish(change) {
      tell(change);
      carrier?.publish(channel, JSON.stringify({ from: self, change })).catch(() => {});
    },
    subscribe(nouns, handler) {
      const subscriber = { nouns, handler };
      subscribers.add(subscriber);
      return () => {
        subscribers.delete(subscriber);
      };
    },
    close() {
      for (const stop of stops) stop();
      subscribers.clear();
    },
  };
}

/** What another replica sent; undefined when another version wrote it in a form that this one does not know. */
function readMessage(message: string): { from: string; change: Change } | undefined {
  try {
    const read = JSON.parse(message) as { from?: unknown; change?: { action?: unknown } };
    if (typeof read.from !== 'string' || typeof read.change?.action !== 'string') return undefined;
    return read as { from: string; change: Change };
  } catch {
    return undefined;
  }
}
