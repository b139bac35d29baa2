/** Where the chunks of an answer are kept while it is made, so that whoever comes later reads it from its beginning. */
export interface GenerationLog {
  /** Adds a line. It is there for readers of this process at once, for those of others within `shareEveryMs`. */
  push(line: string): void;
  /** No line comes after this. Resolves when every replica can know it. */
  end(): Promise<void>;
}

export interface GenerationLogs {
  open(id: string): GenerationLog;
  /**
   * The lines from the first one on, until the end; undefined when this log is not known (any more). `begun` says that it must be
   * there: its first lines may still be on their way from another replica.
   */
  read(id: string, signal: AbortSignal, begun?: boolean): Promise<AsyncGenerator<string, void, undefined> | undefined>;
}

/** Carries lines to other replicas. */
export interface SharedLines {
  /** Adds lines behind those that are there; `ended` closes the log. */
  append(id: string, from: number, lines: string[], ended: boolean): Promise<void>;
  /** Lines from this number on; undefined when there is no such log. */
  read(id: string, from: number): Promise<{ lines: string[]; ended: boolean } | undefined>;
  /** Calls the handler whenever something was appended. */
  onAppend(id: string, handler: () => void): () => void;
}

const keptMs = 60_000;
const shareEveryMs = 50;

interface Local {
  lines: string[];
  ended: boolean;
  wake: Set<() => void>;
}

/** Logs in this process, and, where there are other replicas, shared with them. A log is kept for a minute after its end. */
export function createGenerationLogs({
  shared,
  onFault,
}: {
  shared?: SharedLines;
  onFault(error: unknown): void;
}): GenerationLogs {
  const locals = new Map<string, Local>();

  async function* readLocal(local: Local, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    for (let at = 0; !signal.aborted; ) {
      while (at < local.lines.length) yield local.lines[at++]!;
      if (local.ended) return;
      await woken(local.wake, signal);
    }
  }

  async function* readShared(
    lines: SharedLines,
    id: string,
    first: { lines: string[]; ended: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<string, void, undefined> {
    const wake = new Set<() => void>();
    let news = false;
    const stop = lines.onAppend(id, () => {
      news = true;
      for (const each of wake) each();
    });
    try {
      let at = 0;
      for (let read: typeof first | undefined = first; read && !signal.aborted; read = await lines.read(id, at)) {
        at += read.lines.length;
        yield* read.lines;
        if (read.ended) return;
        // News that nobody heard is asked for: a message to a subscriber may be lost.
        if (!news) await woken(wake, signal, 1000);
        news = false;
      }
    } finally {
      stop();
    }
  }

  return {
    open(id) {
      const local: Local = { lines: [], ended: false, wake: new Set() };
      locals.set(id, local);
      let told = 0;
      let sharing: Promise<void> = Promise.resolve();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const share = () => {
        timer = undefined;
        const [from, lines, ended] = [told, local.lines.slice(told), local.ended];
        told = local.lines.length;
        sharing = sharing.then(() => shared?.append(id, from, lines, ended)).catch(onFault);
      };
      const wakeAll = () => {
        for (const wake of local.wake) wake();
      };
      return {
        push(line) {
          local.lines.push(line);
          wakeAll();
          if (shared && timer === undefined) timer = setTimeout(share, shareEveryMs);
        },
        async end() {
          local.ended = true;
          wakeAll();
          clearTimeout(timer);
          if (shared) share();
          setTimeout(() => locals.delete(id), keptMs).unref?.();
          await sharing;
        },
      };
    },
    async read(id, signal, begun = false) {
      const local = locals.get(id);
      if (local) return readLocal(local, signal);
      const look = () => shared?.read(id, 0).catch(() => undefined);
      let first = await look();
      for (let tries = 0; shared && begun && !first && tries < 10 && !signal.aborted; tries++) {
        await woken(new Set(), signal, shareEveryMs);
        first = await look();
      }
      return shared && first && readShared(shared, id, first, signal);
    },
  };
}

/** Until somebody calls what is in the set, the signal aborts, or the time is over. */
function woken(wake: Set<() => void>, signal: AbortSignal, withinMs?: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      wake.delete(done);
      signal.removeEventListener('abort', done);
      clearTimeout(timer);
      resolve();
    };
    const timer = withinMs === undefined ? undefined : setTimeout(done, withinMs);
    wake.add(done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
