import { toSluiceError } from '../../core/sluice-error.ts';
import type { LiveMetrics } from '../../realtime/live-metrics.ts';
import type { Socket, SocketHandler } from '../socket.ts';
import type { PlatformAccess } from './access.ts';
import { requireLive } from './live-asker.ts';
import { presentSecond } from './live-message.ts';

/** Whoever watches may not do so any more. */
export const rightsEnded = 4401;
const goingAway = 1001;

/** With so much on its way to somebody, they read more slowly than we write: they miss seconds until they have caught up. */
const mostBufferedBytes = 64 * 1024;

export interface Watching {
  /** Stands for whoever watches when it is asked again who they are. */
  standIn: Request;
  /** Whose figures; null: those of the whole gateway. */
  shown: string | null;
}

interface Watcher extends Watching {
  socket: Socket;
  checking: boolean;
}

export interface LiveSocketsDeps {
  identify: PlatformAccess['identify'];
  metrics: Pick<LiveMetrics, 'seconds' | 'shownSeconds'>;
}

/** The sockets on which somebody watches the figures. Nothing is sent to anybody whose right was not looked at just before. */
export function createLiveSockets({ identify, metrics }: LiveSocketsDeps) {
  const watchers = new Set<Watcher>();

  const present = (range: { from: number; to: number }, shown: string | null) =>
    [...metrics.seconds(range, shown ?? undefined)].map(presentSecond);

  function end(watcher: Watcher, code: number, reason: string): void {
    watchers.delete(watcher);
    watcher.socket.close(code, reason);
  }

  /** Whether they may go on. Costs no query when it was asked within the last second, which is nearly as often as we do. */
  async function check(watcher: Watcher): Promise<boolean> {
    try {
      requireLive(await identify(watcher.standIn), watcher.shown);
      return watchers.has(watcher);
    } catch (thrown) {
      // When nobody can be known just now (the database is away), nobody is shown anything, and nobody is turned out.
      if (toSluiceError(thrown).status < 500) end(watcher, rightsEnded, 'You may not watch these figures any more.');
      return false;
    }
  }

  return {
    /** What becomes of the socket of somebody who may watch. */
    handlerFor(watching: Watching): SocketHandler {
      let watcher: Watcher | undefined;
      return {
        open(socket) {
          watcher = { ...watching, socket, checking: false };
          watchers.add(watcher);
          const seconds = present(metrics.shownSeconds(), watching.shown);
          socket.send(JSON.stringify({ type: 'history', seconds }));
        },
        closed() {
          if (watcher) watchers.delete(watcher);
        },
      };
    },
    /** Sends these seconds to everybody who may still watch and keeps up. */
    send(range: { from: number; to: number }): void {
      if (range.from > range.to) return;
      const texts = new Map<string | null, string[]>();
      const textsOf = (shown: string | null): string[] => {
        const known = texts.get(shown) ?? present(range, shown).map((second) => JSON.stringify(second));
        texts.set(shown, known);
        return known;
      };
      for (const watcher of watchers) {
        if (watcher.checking) continue;
        watcher.checking = true;
        void check(watcher).then((mayGoOn) => {
          watcher.checking = false;
          if (!mayGoOn || watcher.socket.bufferedBytes() > mostBufferedBytes) return;
          for (const text of textsOf(watcher.shown)) watcher.socket.send(text);
        });
      }
    },
    /** Looks at everybody's rights at once, after something that they may hang on has changed. */
    recheck(): void {
      for (const watcher of watchers) void check(watcher);
    },
    close(): void {
      for (const watcher of watchers) end(watcher, goingAway, 'The gateway is stopping.');
    },
  };
}

export type LiveSockets = ReturnType<typeof createLiveSockets>;
