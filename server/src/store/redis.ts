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
  /** Calls the handler for every message of the channel, those of this process included. Returns how to stop. */
  subscribe(channel: string, handler: (message: string) => void): () => void;
  close(): Promise<void>;
}

const commandTimeoutMs = 250;

/** Opens Redis (or Valkey) at `url`. It never throws: while Redis is away, commands reject with RedisAway at once or within 250 ms. */
export function openRedis(
  url: string,
  { prefix = 'sluice:', onFault }: { prefix?: string; onFault?: (error: Error) => void } = {},
): SharedRedis {
  const options = {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2000,
    retryStrategy: (times: number) => Math.min(100 * times, 2000),
  };
  const client = new Client(url, options);
  const listener = new Client(url, {
    ...options,
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
  });
  const handlers = new Map<string, Set<(message: string) => void>>();
  let up = false;
  const told = (error: Error) => {
    if (up) onFault?.(error);
    up = false;
  };
  client.on('error', told);
  client.on('ready', () => {
    up = true;
  });
  listener.on('error', () => {});
  listener.on('message', (channel: string, message: string) => {
    for (const handler of handlers.get(channel) ?? []) handler(message);
  });

  async function ask<Answer>(command: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await command();
      up = true;
      return answer;
    } catch (cause) {
      // An error that Redis itself answers with (a wrong script) is a fault of ours, not of the way there.
      if ((cause as Error).name === 'ReplyError') throw cause;
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
        await client.publish(prefix + channel, message);
      }),
    subscribe(channel, handler) {
      const name = prefix + channel;
      let among = handlers.get(name);
      if (!among) {
        among = new Set();
        handlers.set(name, among);
        listener.subscribe(name).catch(() => {});
      }
      among.add(handler);
      return () => {
        among.delete(handler);
      };
    },
    async close() {
      client.disconnect();
      listener.disconnect();
    },
  };
}
