import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dialects } from '../../src/core/wire-name.ts';
import { errorIn } from '../gateway/dialect-errors.ts';
import { canRunPostgres, startPostgres } from '../money/postgres-cluster.ts';
import { askCent, cent, centConfig, moneyRoutes } from '../money/spending.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { readSse } from '../sse-reader.ts';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { chatBody, pathOf } from '../test-gateway.ts';

// The journal's disk is full: a small file system of the test's own, which only root may mount.

setDefaultTimeout(databaseTimeoutMs);
const folder = temporaryFolder();
const disk = temporaryFolder();
const mounted =
  process.platform === 'linux' &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'sluice-test', disk]).status === 0;
if (!mounted)
  console.log(
    'Skipped: the tests of a full disk. Only root may mount a file system for them; how the journal fares is tested with a limit on the size of files in server/src/ledger/journal.test.ts.',
  );
const full = test.skipIf(!mounted || !canRunPostgres);

let database: Awaited<ReturnType<typeof startPostgres>>;
let upstream: Replayer;
let server: ServerProcess;
const filler = join(disk, 'filler');
beforeAll(async () => {
  if (!mounted || !canRunPostgres) return;
  database = await startPostgres();
  upstream = await startReplayer();
  server = start();
  await server.ready();
}, databaseTimeoutMs);
afterAll(async () => {
  await server?.end('SIGKILL');
  await upstream?.stop();
  await database?.stop();
  if (mounted) spawnSync('umount', [disk]);
}, databaseTimeoutMs);

const start = () =>
  startServer({
    folder,
    config: JSON.stringify(centConfig(upstream)),
    environment: { DATABASE_URL: database.url, SLUICE_DATA_DIR: disk, SLUICE_LOG_LEVEL: 'silent' },
  });

/** Writes until not a byte more fits. */
function fill(): void {
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // Less is tried.
    }
  }
  expect(statfsSync(disk).bavail).toBe(0);
}

const ask = (key: string, body: object) =>
  server.ask('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { authorization: `Bearer ${key}` },
  });

async function idsOf(keyId: string): Promise<string[]> {
  const { data } = (await (await server.ask(`/api/v1/calls?key=${keyId}&limit=1000`)).json()) as {
    data: { requestId: string }[];
  };
  return data.map(({ requestId }) => requestId);
}

full(
  'on a full disk calls that cost money are refused, what runs is finished and kept, and with room all goes on',
  async () => {
    upstream.reply(cent, { holdAfter: 1 });
    const money = moneyRoutes(server.ask);
    const { id, key } = await money.send<{ id: string; key: string }>('POST', '/api/v1/keys', { name: 'a caller' });
    const { id: budgetId } = await money.budget({ scope: 'key', target: id, limit: 100, window: 'total' });
    const answered: string[] = [];
    const running = await ask(key, askCent({ stream: true }));
    answered.push(running.headers.get('x-sluice-request-id')!);
    const reader = readSse(running);
    await reader.take(1);
    upstream.reply(cent);

    fill();
    upstream.release();
    await reader.rest();
    expect(reader.text).toEndWith('data: [DONE]\n\n');
    // What is left of the file's last page is still used.
    for (let status = 200; status === 200; ) {
      const answer = await ask(key, askCent());
      ({ status } = answer);
      if (status === 200) answered.push(answer.headers.get('x-sluice-request-id')!);
      else expect(status).toBe(503);
      expect(answered.length).toBeLessThan(30);
    }
    const sent = upstream.requests.length;
    for (const dialect of dialects) {
      const refused = await server.ask(pathOf(dialect, 'up/cent', false), {
        method: 'POST',
        body: JSON.stringify(chatBody(dialect, 'up/cent', false)),
        headers: { authorization: `Bearer ${key}` },
      });
      expect({ dialect, status: refused.status, retry: refused.headers.has('retry-after') }).toEqual({
        dialect,
        status: 503,
        retry: true,
      });
      expect(errorIn(dialect, await refused.json())?.message).toContain('disk');
    }
    expect(upstream.requests.length).toBe(sent);
    // Reading works, and what the disk did not take has gone to the database from memory.
    expect((await server.ask('/api/v1/budgets')).status).toBe(200);
    expect((await server.ask('/v1/models')).status).toBe(200);
    for (let tries = 0; !(await idsOf(id)).includes(answered[0]!) && tries < 200; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await idsOf(id)).toContain(answered[0]!);

    rmSync(filler);
    for (let count = 0; count < 20; count++) {
      const answer = await ask(key, askCent());
      expect(answer.status).toBe(200);
      answered.push(answer.headers.get('x-sluice-request-id')!);
    }
    // Killed at once: what is in the journal is whole, and comes back once.
    await server.end('SIGKILL');
    for (const name of readdirSync(join(disk, 'journal')).filter((each) => each.endsWith('.ndjson'))) {
      const lines = readFileSync(join(disk, 'journal', name), 'utf8').split('\n');
      const torn = lines.filter((line) => line !== '' && !isJson(line));
      // The line that did not fit, at most.
      expect(torn.length).toBeLessThanOrEqual(1);
    }
    server = start();
    await server.ready();
    for (let tries = 0; (await idsOf(id)).length < answered.length && tries < 200; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const ids = await idsOf(id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(answered.filter((each) => !ids.includes(each))).toEqual([]);
    const { spent, held } = await moneyRoutes(server.ask).standing(budgetId);
    expect({ spent, held }).toEqual({ spent: String(answered.length / 100), held: '0' });
  },
);

full('started on a full disk it says so and ends, or serves; it does not hang', async () => {
  await server.end('SIGTERM');
  fill();
  const late = start();
  const outcome = await Promise.race([late.exited.then((code) => ({ code })), late.url.then(() => 'serves')]);
  if (outcome !== 'serves') expect(late.said.err).toMatch(/ENOSPC|no space/i);
  rmSync(filler);
  await late.end('SIGKILL');
  server = start();
  await server.ready();
});

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
