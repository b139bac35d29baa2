import type postgres from 'postgres';
import { SluiceError } from '../core/sluice-error.ts';

export type Client = postgres.Sql;

export interface WatchedClient {
  /** The driver's client, always the one in use: what holds it needs no other after connections were broken. */
  client: Client;
  /** False once PostgreSQL let a question wait too long, until it answers again. */
  answers(): boolean;
  close(): Promise<void>;
}

export interface WatchOptions {
  /** Opens a client with its pool; it is called again in place of one whose connections ended. It calls `onEnd` when one does. */
  open(onEnd: () => void): Client;
  /** Opens a client of one connection, to ask with: questions that take long keep the others busy. */
  openAsker(): Client;
  /** Told when PostgreSQL stops answering. */
  onAway?: () => void;
}

const askEveryMs = 1000;
/** Longer than a busy PostgreSQL takes for a question that needs nothing. */
const longestAnswerMs = 5000;
/** What runs on the other connections of a client that is replaced has so long to end; and when nobody answers there. */
const lastAnswersSeconds = 30;
const lastWordsSeconds = 5;

/** Seconds before a connection that broke is opened again. The driver's own rise to 20, and questions wait for them. */
export const backoff = (failures: number): number => Math.min(0.05 * 2 ** failures, 1);

/**
 * Asks PostgreSQL every second whether it is there. One that takes questions and does not answer (a frozen machine, a network
 * that swallows packets) would hold up every call for as long as TCP believes in it: the driver has no deadline for questions.
 * Its client is ended instead, which rejects whatever waits, and another takes its place.
 */
export function watchClient({ open, openAsker, onAway }: WatchOptions): WatchedClient {
  let broken = false;
  let client = openNext();
  let asker = openAsker();
  let answering = true;
  let asking = false;

  function openNext(): Client {
    broken = false;
    const next: Client = open(() => {
      if (client === next) broken = true;
    });
    return next;
  }

  async function ask(): Promise<void> {
    if (asking) return;
    asking = true;
    const late = setTimeout(giveUp, longestAnswerMs);
    let endSeconds = lastAnswersSeconds;
    try {
      await asker`select 1`;
      answering = true;
    } catch {
      // Refused, or given up: whoever asks hears so at once.
      endSeconds = lastWordsSeconds;
    } finally {
      clearTimeout(late);
      asking = false;
    }
    // A connection that ended with something unwritten is never opened again, and a question to it waits (postgres 3.4).
    if (broken) {
      const before = client;
      client = openNext();
      void before.end({ timeout: endSeconds }).catch(() => {});
    }
  }

  function giveUp(): void {
    if (answering) onAway?.();
    answering = false;
    const before = [client, asker];
    client = openNext();
    asker = openAsker();
    for (const each of before) void cut(each);
  }

  const timer = setInterval(() => void ask(), askEveryMs);
  timer.unref?.();
  return {
    client: new Proxy(client, {
      apply: (_first, thisArg, args) => Reflect.apply(client, thisArg, args),
      get: (_first, name) => Reflect.get(client, name),
    }),
    answers: () => answering,
    async close() {
      clearInterval(timer);
      await Promise.all([cut(asker), client.end({ timeout: 5 })]);
    },
  };
}

/** Ends a client at once; what waits is rejected. */
const cut = (client: Client): Promise<void> => client.end({ timeout: 0 }).catch(() => {});

/** What everybody is told who needs the database meanwhile. */
export const away = (): SluiceError =>
  new SluiceError('unavailable', 'The database does not answer. Try again shortly.', { retryAfterMs: 2000 });
