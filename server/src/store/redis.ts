import { createHash } from 'node:crypto';
import { Redis as Client } from 'ioredis';

/** A Lua script that Redis runs as one step. */
export interface Script {
  source: string;
  sha: string;
}

export const script = (source: string): Script => ({ source, sha: createHash('sha1').update(source).digest('hex') });

/** Redis did not answer in time, or is not there. Whoever shares state through it goes on with what this process knows. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway';
}

export interface SharedRedis {
  /** Whether the last command was answered. */
  isUp(): boolean;
  /** Runs a script; every key gets this gateway's prefix. Rejects with RedisAway. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  get(key: string): Promise<string | null>;
  /** With a life in milliseconds. */
  set(key: string, value: string, ttlMs: number): Promise<void>;
  remove(...keys: string[]): Promise<void>;
  publish(channel: string, message: string): Promise<void>;
  /** Publishes, and says how many connections were there to hear it. */
  announce(channel: string, message: string): Promise<number>;
  /** Calls the handler for every message of the channel, those of this process included. Returns how to stop. */
  subscribe(channel: string, handler: (message: string) => void): () => void;
  /** Calls the handler whenever Redis can be asked: when it is first reached, and when it is back. Returns how to stop. */
  onReady(handler: () => void): () => void;
  /** Calls the handler when messages come again after a break, in which some may have been missed. Returns how to stop. */
  onResume(handler: () => void): () => void;
  close(): Promise<void>;
}

const commandTimeoutMs = 500;

/** What Redis answers while it starts, is full, fails over or is held up: it will pass, and nothing is wrong with the question. */
const passing =
  /^(LOADING|READONLY|MISCONF|OOM|BUSY|NOAUTH|WRONGPASS|NOPERM|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOREPLICAS)\b/;

/** Opens Redis (or Valkey) at `url`. It never throws: while Redis is away, commands reject with RedisAway at once or within 250 ms. */
export function openRedis(
  url: string,
  { prefix = 'sluice:', onFault }: { prefix?: string; onFault?: (error: Error) => void } = {},
): SharedRedis {
  const options = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // What was on its way when the connection broke may have been done: asked again, it would count twice.
    autoResendUnfulfilledCommands: false,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2000,
    retryStrategy: (times: number) => Math.min(100 * times, 1000),
    // After a failover the old primary refuses writes until this connection finds the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
  const client = new Client(url, options);
  const listener = new Client(url, {
    ...options,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
  });
  const handlers = new Map<string, Set<(message: string) => void>>();
  const readyHandlers = new Set<() => void>();
  const resumeHandlers = new Set<() => void>();
  // Messages do not keep to one database of Redis as keys do: gateways in different ones must not hear each other.
  const channelPrefix = `${prefix}${client.options.db ?? 0}:`;
  let up = false;
  let closing = false;
  let heard = false;
  const told = (error: Error) => {
    if (up && !closing) onFault?.(error);
    up = false;
  };
  client.on('error', told);
  client.on('close', () => told(new Error('The connection to Redis was closed.')));
  client.on('ready', () => {
    up = true;
    for (const handler of readyHandlers) handler();
  });
  listener.on('error', () => {});
  listener.on('ready', () => {
    if (heard) for (const handler of resumeHandlers) handler();
    heard = true;
  });
  listener.on('message', (channel: string, message: string) => {
    for (const handler of handlers.get(channel) ?? []) handler(message);
  });

  async function ask<Answer>(command: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await command();
      up = true;
      return answer;
    } catch (cause) {
      const { name, message } = cause as Error;
      // An error that Redis itself answers with (a wrong script) is a fault of ours, not of the way there.
      if (name === 'ReplyError' && !passing.test(message)) throw cause;
      told(cause as Error);
      throw new RedisAway('Redis does not answer.', { cause });
    }
  }

  return {
    isUp: () => up,
    run: (lua, keys, args) =>
      ask(async () => {
        const names = keys.map((key) => prefix + key);
        try {
          return await client.evalsha(lua.sha, names.length, ...names, ...args);
        } catch (error) {
          if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
          return client.eval(lua.source, names.length, ...names, ...args);
        }
      }),
    get: (key) => ask(() => client.get(prefix + key)),
    set: (key, value, ttlMs) =>
      ask(async () => {
        await client.set(prefix + key, value, 'PX', Math.max(1, Math.ceil(ttlMs)));
      }),
    remove: (...keys) =>
      ask(async () => {
        if (keys.length > 0) await client.del(...keys.map((key) => prefix + key));
      }),
    publish: (channel, message) =>
      ask(async () => {
        await client.publish(channelPrefix + channel, message);
      }),
    announce: (channel, message) => ask(() => client.publish(channelPrefix + channel, message)),
    subscribe(channel, handler) {
      const name = channelPrefix + channel;
      let among = handlers.get(name);
      if (!among) {
        among = new Set();
        handlers.set(name, among);
        listener.subscribe(name).catch(() => {});
      }
      among.add(handler);
      return () => {
        among.delete(handler);
        if (among.size > 0 || handlers.get(name) !== among) return;
        handlers.delete(name);
        listener.unsubscribe(name).catch(() => {});
      };
    },
    onReady: (handler) => keep(readyHandlers, handler),
    onResume: (handler) => keep(resumeHandlers, handler),
    async close() {
      closing = true;
      client.disconnect();
      listener.disconnect();
    },
  };
}

function keep(handlers: Set<() => void>, handler: () => void): () => void {
  handlers.add(handler);
  return () => {
    handlers.delete(handler);
  };
}
