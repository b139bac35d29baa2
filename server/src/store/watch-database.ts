import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import { SluiceError } from '../core/sluice-error.ts';

/** The driver's own settings, as far as they are needed to open a connection in its place. */
interface Place {
  host: string[];
  port: number[];
  path?: string | false;
}

export interface DatabaseWatch {
  /** Opens the driver's connections, so that they can be broken. */
  socket(place: Place): Promise<Socket>;
  /** False once PostgreSQL let a question wait too long, until it answers again. */
  answers(): boolean;
  close(): Promise<void>;
}

const askEveryMs = 1000;
/** Longer than a busy PostgreSQL takes for a question that needs nothing. */
const longestAnswerMs = 5000;
const connectMs = 10_000;

/** Seconds before a connection that broke is opened again. The driver's own rise to 20, and questions wait for them. */
export const backoff = (failures: number): number => Math.min(0.05 * 2 ** failures, 1);

/**
 * Asks PostgreSQL every second whether it is there. One that takes questions and does not answer (a frozen machine, a network
 * that swallows packets) would hold up every call for as long as TCP believes in it: its connections are broken instead, and
 * nothing is asked before it has answered again.
 */
export function watchDatabase(url: string, { onAway }: { onAway?: () => void } = {}): DatabaseWatch {
  const sockets = new Set<Socket>();
  let answering = true;

  async function open(place: Place): Promise<Socket> {
    let fault: unknown = new Error('No host of the database is known.');
    for (const [at, host] of place.host.entries()) {
      try {
        return await connected(place.path ? connect(place.path) : connect(place.port[at] ?? 5432, host), host);
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }

  function connected(socket: Socket, host: string): Promise<Socket> {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // The driver takes the host's name for TLS from here.
    Object.assign(socket, { host });
    const late = setTimeout(() => socket.destroy(new Error('The database could not be reached in time.')), connectMs);
    return new Promise<Socket>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(socket);
      });
    }).finally(() => clearTimeout(late));
  }

  // With a connection of its own: questions that take long keep the others busy.
  const asker = postgres(url, {
    max: 1,
    connect_timeout: longestAnswerMs / 1000,
    backoff,
    onnotice: () => {},
    connection: { application_name: 'sluice watch' },
    socket: open,
  } as postgres.Options<Record<string, never>>);
  let asking = false;

  async function ask(): Promise<void> {
    if (asking) return;
    asking = true;
    const late = setTimeout(() => {
      if (answering) onAway?.();
      answering = false;
      for (const socket of sockets) socket.destroy(away());
    }, longestAnswerMs);
    try {
      await asker`select 1`;
      answering = true;
    } catch {
      // Refused: whoever asks hears so at once.
    } finally {
      clearTimeout(late);
      asking = false;
    }
  }

  const timer = setInterval(() => void ask(), askEveryMs);
  timer.unref?.();
  return {
    async socket(place) {
      if (!answering) throw away();
      return open(place);
    },
    answers: () => answering,
    async close() {
      clearInterval(timer);
      await asker.end({ timeout: 1 });
    },
  };
}

/** What everybody is told who needs the database meanwhile. */
export const away = (): SluiceError =>
  new SluiceError('unavailable', 'The database does not answer. Try again shortly.', { retryAfterMs: 2000 });
