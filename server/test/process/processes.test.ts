import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createLoad } from '../faults/load.ts';
import { scratchDatabase } from '../money/services.ts';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { canReplicate, sayWithoutReplicas } from '../support/replicas.ts';
import { type ServerOptions, type ServerProcess, startServer } from '../support/server-process.ts';

// `sluice serve --processes N`: real processes on one port.

setDefaultTimeout(databaseTimeoutMs);
sayWithoutReplicas('the tests of several processes on one port');
const together = test.skipIf(!canReplicate || process.platform !== 'linux');

const running = new Set<ServerProcess>();
const closing: (() => Promise<unknown> | unknown)[] = [];
/** The one that most tests use; the last of them ends it. */
let group: ServerProcess;
beforeAll(async () => {
  if (canReplicate) ({ group } = await startGroup(2));
}, databaseTimeoutMs);
afterAll(async () => {
  for (const server of running) {
    const children = childrenOf(server.pid);
    const ended = server.end('SIGKILL');
    for (const pid of children) kill(pid, 'SIGKILL');
    await ended;
  }
  running.clear();
  for (const close of closing.splice(0).reverse()) await close();
});

const config = 'providers:\n  sandbox: { kind: sandbox, options: { chunkDelayMs: 5 } }\n';
const order = (tokens: number) => ({ messages: [{ role: 'user', content: `sandbox:tokens=${tokens}` }] });
const patience = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await patience();
}

function start(options: ServerOptions): ServerProcess {
  const server = startServer(options);
  running.add(server);
  return server;
}

async function startGroup(processes: number, { folder = temporaryFolder() } = {}) {
  const database = await scratchDatabase();
  closing.push(database.drop);
  const redis: RedisServer = await startRedis();
  closing.push(redis.stop);
  const environment = { DATABASE_URL: database.url, REDIS_URL: redis.url, SLUICE_LOG_LEVEL: 'error' };
  const group = start({ folder, config, environment, processes });
  await group.ready();
  await until(async () => listenersOf(await portOf(group)).length === processes);
  return { group, environment, folder };
}

const portOf = async (server: ServerProcess): Promise<number> => Number(new URL(await server.url).port);

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}

/** Process ids of a process's children. */
const childrenOf = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

/** Inodes of the TCP sockets of this machine at a local port, by the kernel's state: `0A` listens, `01` is connected. */
function listenersOf(port: number, state = '0A'): string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(wanted) && fields[3] === state)
    .map((fields) => fields[9]!);
}

/** How many connections to the port a process has taken. */
function connectionsOf(pid: number, port: number): number {
  const inodes = new Set(listenersOf(port, '01').map((inode) => `socket:[${inode}]`));
  return readdirSync(`/proc/${pid}/fd`).filter((name) => {
    try {
      return inodes.has(readlinkSync(`/proc/${pid}/fd/${name}`));
    } catch {
      return false;
    }
  }).length;
}

async function idsOfCalls(server: ServerProcess): Promise<string[]> {
  // Each process brings its own rows into the ledger, within half a second; whoever is asked brings its own at once.
  const { data } = (await (await server.ask('/api/v1/calls?limit=1000')).json()) as { data: { requestId: string }[] };
  return data.map(({ requestId }) => requestId);
}

/** Every answer has its row, and none has two. */
async function expectRowsOf(server: ServerProcess, answered: string[]): Promise<void> {
  const missing = async () => {
    const ids = await allIds(server);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(ids);
    return answered.filter((id) => !known.has(id));
  };
  for (let tries = 0; tries < 100 && (await missing()).length > 0; tries++) await patience();
  expect(await missing()).toEqual([]);
}

async function allIds(server: ServerProcess): Promise<string[]> {
  const text = await (await server.ask('/api/v1/usage/export?format=json')).text();
  return [...text.matchAll(/"request_id":"(req_[^"]+)"/g)].map(([, id]) => id!);
}

test('what several processes need and is not there is said, with what to do', async () => {
  const refused: [ServerOptions, RegExp][] = [
    [{ processes: 2 }, /^--processes needs a PostgreSQL: .* Set DATABASE_URL=postgres/],
    [
      { processes: 2, environment: { DATABASE_URL: 'postgres://127.0.0.1:1/x' } },
      /^--processes needs a Redis or Valkey: .* Set REDIS_URL=redis/,
    ],
    [{ processes: 0 }, /^--processes is "0"; it must be a whole number from 1 to 64\./],
    [{ processes: 1.5 }, /^--processes is "1.5"/],
  ];
  for (const [options, words] of refused) {
    const server = start(options);
    expect([await server.exited, server.said.err]).toEqual([1, expect.stringMatching(words)]);
  }
});

together('a port that is taken, and a faulty configuration, are said once', async () => {
  const environment = { DATABASE_URL: 'postgres://127.0.0.1:1/x', REDIS_URL: 'redis://127.0.0.1:1' };
  const other = start({});
  const port = String(await portOf(other));
  const late = start({ processes: 2, environment: { ...environment, PORT: port } });
  expect([await late.exited, late.said.err.match(/Port \d+ on 127\.0\.0\.1 is taken/g)]).toEqual([
    1,
    expect.any(Array),
  ]);
  const faulty = start({ processes: 2, environment, config: 'providers:\n  a:\n    kind: opnai\n' });
  expect([await faulty.exited, faulty.said.err.match(/sluice\.yaml:3:/g)]).toEqual([1, ['sluice.yaml:3:']]);
});

together('two processes take the connections of one port, and answer for each other', async () => {
  const port = await portOf(group);
  const pids = childrenOf(group.pid);
  expect(pids).toHaveLength(2);
  const sockets: Socket[] = [];
  closing.push(() => sockets.forEach((socket) => void socket.destroy()));
  while (pids.some((pid) => connectionsOf(pid, port) < 3)) {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
    await patience(1);
  }
  const load = createLoad({ url: await group.url, body: order(1), connections: 'fresh', callers: 4 });
  await load.answers(40);
  const { answered, failed } = await load.stop();
  expect(failed).toEqual([]);
  const metrics = await (await group.ask('/metrics')).text();
  const counted = /^api_gateway_requests_total\{.*status="200"\} (\d+)$/m.exec(metrics)?.[1];
  expect(Number(counted)).toBe(answered.length);
  expect(metrics).toMatch(/^api_gateway_replicas 2$/m);
  await expectRowsOf(group, answered);
  expect(await idsOfCalls(group)).not.toHaveLength(0);
});

together(
  'a process that is killed is started again; no call hangs, and no answer is missing in the ledger',
  async () => {
    const port = await portOf(group);
    const load = createLoad({ url: await group.url, body: order(6), connections: 'kept', callers: 8 });
    const killed: number[] = [];
    for (let round = 0; round < 3; round++) {
      await load.answers(40);
      const pid = childrenOf(group.pid)[round % 2]!;
      killed.push(pid);
      kill(pid, 'SIGKILL');
      await until(() => childrenOf(group.pid).length === 2 && !childrenOf(group.pid).includes(pid));
      await until(() => listenersOf(port).length === 2);
    }
    await load.answers(40);
    const { answered, failed } = await load.stop();
    // The calls that the dead had taken break; each ends within its caller's patience.
    expect(failed.filter((fault) => fault === 'hung')).toEqual([]);
    expect(failed.length).toBeLessThanOrEqual(8 * killed.length);
    await expectRowsOf(group, answered);
  },
);

together('replaced one by one under load, no call fails and no row is lost', async () => {
  const before = childrenOf(group.pid);
  const load = createLoad({ url: await group.url, body: order(6), connections: 'kept', callers: 8 });
  await load.answers(100);
  process.kill(group.pid, 'SIGUSR2');
  await until(() => {
    const now = childrenOf(group.pid);
    return now.length === 2 && now.every((pid) => !before.includes(pid));
  });
  await load.answers(100);
  const { answered, failed } = await load.stop();
  expect(failed).toEqual([]);
  await expectRowsOf(group, answered);
});

together('a changed configuration reaches every process on SIGHUP, and no call fails', async () => {
  const url = await group.url;
  const load = createLoad({ url, body: order(6), connections: 'kept', callers: 4 });
  await load.answers(20);
  writeFileSync(group.configPath, `${config}aliases: { short: sandbox/sandbox-small }\n`);
  process.kill(group.pid, 'SIGHUP');
  const known = async () => {
    const renamed = createLoad({ url, body: { ...order(1), model: 'short' }, connections: 'fresh', callers: 4 });
    await renamed.ended(30);
    return (await renamed.stop()).failed.length === 0;
  };
  await until(known);
  expect((await load.stop()).failed).toEqual([]);
});

together('told to stop, all finish what they run, and the exit code is 0', async () => {
  const streams = await Promise.all(
    Array.from({ length: 6 }, () => group.chat({ ...order(160), stream: true }, { keepalive: false })),
  );
  const ended = group.end('SIGTERM');
  for (const stream of streams) expect(await stream.text()).toEndWith('data: [DONE]\n\n');
  expect(await ended).toBe(0);
  const journals = readdirSync(join(group.folder, 'data')).filter((name) => name.startsWith('journal'));
  expect(journals.length).toBeGreaterThanOrEqual(2);
  for (const journal of journals) expect(readdirSync(join(group.folder, 'data', journal))).toEqual([]);
});

together(
  'when their own process is killed the others end too, and what they left is found by however few come after',
  async () => {
    const { group: whole, folder, environment } = await startGroup(2);
    const port = await portOf(whole);
    const load = createLoad({ url: await whole.url, body: order(1), connections: 'fresh', callers: 4 });
    await load.answers(30);
    const children = childrenOf(whole.pid);
    // All at once, so that nobody brings rows into the ledger any more.
    for (const pid of [whole.pid, ...children]) kill(pid, 'SIGSTOP');
    for (const pid of [whole.pid, ...children]) kill(pid, 'SIGKILL');
    await whole.exited;
    const { answered } = await load.stop();
    await until(() => listenersOf(port).length === 0);
    const alone = start({ folder, config, environment });
    await alone.ready();
    await expectRowsOf(alone, answered);

    await alone.end('SIGTERM');

    const again = start({ folder, config, environment, processes: 2 });
    await again.ready();
    const orphans = childrenOf(again.pid);
    // What it wrote to is closed when the last of them has ended.
    await again.end('SIGKILL');
    expect(orphans.filter((pid) => existsSync(`/proc/${pid}/exe`))).toEqual([]);
  },
);
