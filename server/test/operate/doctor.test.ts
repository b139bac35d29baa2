import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { compareClocks } from '../../src/operate/doctor/clock.ts';
import type { Finding } from '../../src/operate/doctor/finding.ts';
import { openTables } from '../../src/store/database.ts';
import { temporaryFolder, testDatabaseUrl } from '../support/databases.ts';
import { freePort, hasRedis, startRedis } from '../support/redis-server.ts';
import { startServer } from '../support/server-process.ts';
import { installation, scratchDatabases, sluice, sluiceJson } from './run-sluice.ts';

setDefaultTimeout(180_000);

const databases = testDatabaseUrl ? scratchDatabases() : undefined;
afterAll(() => databases?.drop());

const sandbox = 'discovery: false\nproviders:\n  sandbox: { kind: sandbox }\n';

function place(config = sandbox, more: Record<string, string> = {}): Record<string, string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'sluice.yaml'), config);
  return { PATH: process.env.PATH!, ...installation(folder), ...more };
}

/** What the doctor finds: the exit code must fit it. */
async function diagnose(environment: Record<string, string>): Promise<Finding[]> {
  const { code, stdout, stderr } = await sluice(environment, 'doctor', '--json');
  expect(stderr).toBe('');
  const findings = JSON.parse(stdout) as Finding[];
  expect(code).toBe(findings.some(({ level }) => level === 'fail') ? 1 : 0);
  for (const { level, message, advice } of findings) {
    expect(message).toMatch(/^\S[\s\S]*[.!]$/);
    if (level !== 'ok') expect(advice).toMatch(/\S{3}/);
  }
  return findings;
}

const faults = (findings: Finding[]): [check: string, level: string][] =>
  findings.filter(({ level }) => level !== 'ok').map(({ check, level }) => [check, level]);

const messageOf = (findings: Finding[], check: string): string =>
  findings.filter((each) => each.check === check && each.level !== 'ok')[0]?.message ?? '';

test('a new place has nothing wrong with it, and the words for people say so', async () => {
  const environment = place();
  expect(faults(await diagnose(environment))).toEqual([]);
  const { code, stdout } = await sluice(environment, 'doctor');
  expect(code).toBe(0);
  expect(stdout).toContain('0 failures, 0 warnings.');
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('it works beside a server that runs, and when that has stopped', async () => {
  const port = String(await freePort());
  const environment = place(sandbox, { PORT: port });
  const server = startServer({ folder: environment.HOME, environment: { PORT: port } });
  await server.ready();
  const running = await diagnose(environment);
  expect(faults(running)).toEqual([]);
  expect(running.find(({ check }) => check === 'port')?.message).toContain('and is ready');
  expect(running.find(({ check }) => check === 'database')?.message).toContain('up to date');
  await server.end('SIGTERM');
  const stopped = await diagnose(environment);
  expect(faults(stopped)).toEqual([]);
  expect(stopped.find(({ check }) => check === 'port')?.message).toContain('is free');
  expect(stopped.find(({ check }) => check === 'database')?.message).toContain('up to date');

  // The same place, broken one way after another.
  const data = environment.SLUICE_DATA_DIR!;
  const key = join(data, 'master-key');
  chmodSync(key, 0o644);
  chmodSync(data, 0o755);
  const open = await diagnose(environment);
  expect(faults(open)).toEqual([
    ['data folder', 'warn'],
    ['master key', 'fail'],
  ]);
  expect(messageOf(open, 'master key')).toContain('(mode 0644)');
  chmodSync(key, 0o600);
  chmodSync(data, 0o700);
  writeFileSync(join(data, 'journal/refused.ndjson'), '{}\n');
  expect(faults(await diagnose(environment))).toEqual([['journal', 'warn']]);
  rmSync(join(data, 'journal/refused.ndjson'));
  renameSync(key, `${key}.away`);
  const missing = await diagnose(environment);
  expect(faults(missing)).toEqual([['master key', 'fail']]);
  writeFileSync(key, 'v1:short\n', { mode: 0o600 });
  expect(faults(await diagnose(environment))).toEqual([['master key', 'fail']]);
  renameSync(`${key}.away`, key);
  const tables = await openTables({ dataDir: data });
  await tables.sql.execute(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1999999999999)`);
  await tables.close();
  const newer = await diagnose(environment);
  expect(faults(newer)).toEqual([['database', 'fail']]);
  expect(messageOf(newer, 'database')).toContain('written by a newer Sluice');
});

test('a port that another program has, and a Redis and a PostgreSQL that are not there', async () => {
  const other = createServer((_request, response) => response.end('something else')).listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const nobody = await freePort();
  const findings = await diagnose(
    place(sandbox, {
      PORT: String((other.address() as AddressInfo).port),
      REDIS_URL: `redis://127.0.0.1:${nobody}`,
      DATABASE_URL: `postgres://sluice:secret-word@127.0.0.1:${nobody}/sluice`,
    }),
  );
  other.close();
  expect(faults(findings)).toEqual([
    ['port', 'fail'],
    ['master key', 'warn'],
    ['database', 'fail'],
    ['redis', 'fail'],
  ]);
  expect(messageOf(findings, 'port')).toContain('Another program has 127.0.0.1:');
  for (const check of ['redis', 'database']) expect(messageOf(findings, check)).toContain('ECONNREFUSED');
  expect(JSON.stringify(findings)).not.toContain('secret-word');
});

test.skipIf(!databases || !hasRedis)('PostgreSQL and Redis say their versions and the time', async () => {
  const redis = await startRedis();
  const DATABASE_URL = await databases!.create();
  const findings = await diagnose(place(sandbox, { DATABASE_URL, REDIS_URL: redis.url }));
  await redis.stop();
  expect(faults(findings)).toEqual([['master key', 'warn']]);
  const messages = Object.fromEntries(findings.map(({ check, message }) => [check, message]));
  expect(messages.postgresql).toMatch(/^PostgreSQL \d+/);
  expect(messages.redis).toMatch(/^Redis \d+\.\d+/);
  for (const check of ['postgresql clock', 'redis clock']) expect(messages[check]).toContain('agree');
});

test('clocks are compared with what is known of when they were read', () => {
  const level = (theirs: number) => compareClocks('clock', 'it', theirs, 10_000, 10_400).level;
  expect([10_000, 10_200, 12_399, 8001].map(level)).toEqual(['ok', 'ok', 'ok', 'ok']);
  expect([7000, 13_000].map(level)).toEqual(['warn', 'warn']);
  expect([-30_000, 60_000].map(level)).toEqual(['fail', 'fail']);
});

const kind = 'openai-compatible';

/** A provider that knows one key. */
async function startUpstream() {
  const upstream = createServer((request, response) => {
    const good = request.headers.authorization === 'Bearer good';
    response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(good ? { data: [{ id: 'm' }] } : { error: { message: 'wrong key' } }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => upstream.once('listening', resolve));
  return { upstream, baseUrl: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1` };
}

test('providers that were added while the server ran are asked with the keys that it keeps', async () => {
  const { upstream, baseUrl } = await startUpstream();
  const environment = place();
  const server = startServer({ folder: environment.HOME });
  await server.ready();
  for (const [id, apiKey] of [
    ['added', 'good'],
    ['wrong', 'a-bad-key'],
  ]) {
    const body = JSON.stringify({ kind, baseUrl, apiKey });
    expect((await server.ask(`/api/v1/providers/${id}`, { method: 'PUT', body })).status).toBe(200);
  }
  const running = await diagnose(environment);
  expect(faults(running)).toEqual([['provider wrong', 'fail']]);
  expect(running).toContainEqual(expect.objectContaining({ check: 'provider added', level: 'ok' }));
  await server.end('SIGTERM');
  expect(faults(await diagnose(environment))).toEqual([['provider wrong', 'fail']]);

  // With another master key nothing that is sealed opens.
  const lost = await diagnose({ ...environment, SLUICE_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') });
  upstream.close();
  expect(faults(lost)).toEqual([
    ['provider added', 'fail'],
    ['provider wrong', 'fail'],
  ]);
  expect(messageOf(lost, 'provider added')).toContain('cannot be used');
  expect(JSON.stringify([running, lost])).not.toContain('a-bad-key');
});

test('a provider that refuses its key, one that is not there, and one that answers', async () => {
  const { upstream, baseUrl } = await startUpstream();
  const providers = {
    good: { kind, baseUrl, apiKey: 'good' },
    bad: { kind, baseUrl, apiKey: 'a-bad-key' },
    away: { kind, baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'x' },
  };
  const findings = await diagnose(place(JSON.stringify({ discovery: false, providers })));
  upstream.close();
  expect(faults(findings)).toEqual([
    ['provider bad', 'fail'],
    ['provider away', 'fail'],
  ]);
  expect(messageOf(findings, 'provider bad')).toContain('refuses its key');
  expect(messageOf(findings, 'provider away')).toContain('cannot be reached');
  expect(JSON.stringify(findings)).not.toContain('a-bad-key');
});

test('what cannot be read is one finding, and the rest is looked at all the same', async () => {
  const wrong = await diagnose(place('provders: {}\n'));
  expect(faults(wrong)).toEqual([['configuration', 'fail']]);
  expect(messageOf(wrong, 'configuration')).toContain('there is no such field');
  expect(faults(await diagnose(place(sandbox, { PORT: 'http' })))).toEqual([['environment', 'fail']]);
  expect(faults(await diagnose(place(sandbox, { HOST: '0.0.0.0' })))).toEqual([['environment', 'fail']]);
  const folder = place();
  mkdirSync(join(folder.HOME!, 'data'));
  const file = { ...folder, SLUICE_DATA_DIR: join(folder.HOME!, 'sluice.yaml') };
  expect(faults(await diagnose(file))).toContainEqual(['data folder', 'fail']);
});

test('what lets strangers in, or secrets out, is named', async () => {
  const config = {
    discovery: false,
    providers: { far: { kind: 'openai-compatible', baseUrl: 'http://models.example.com/v1', apiKey: 'x' } },
    egress: { allow: ['10.1.0.0/16', '169.254.0.0/16', 'wiki.lan:8080'] },
    logging: { prompts: true },
    auth: { signUp: 'open' },
  };
  const findings = await diagnose(
    place(JSON.stringify(config), {
      HOST: '0.0.0.0',
      SLUICE_PUBLIC: 'true',
      SLUICE_ADMIN_KEY: 'short',
      DATABASE_URL: 'postgres://sluice@db.invalid/sluice',
      REDIS_URL: 'redis://cache.invalid:6379',
    }),
  );
  const found = faults(findings).map(([check, level]) => `${level} ${check}`);
  for (const wanted of [
    'warn listening',
    'fail admin key',
    'warn admin key',
    'warn trusted proxies',
    'warn address',
    'warn mail',
    'warn sign-up',
    'warn postgresql',
    'warn redis',
    'warn provider far',
    'fail egress',
    'warn egress',
    'warn logging',
  ])
    expect(found).toContain(wanted);
  expect(found.filter((each) => each.endsWith('egress'))).toEqual(['warn egress', 'fail egress', 'warn egress']);
});

test('plain http on this machine is not called open', async () => {
  const config = {
    discovery: false,
    providers: { near: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'x' } },
  };
  const findings = await sluiceJson<Finding[]>(place(JSON.stringify(config)), ['doctor'], 1);
  expect(findings.filter(({ check, level }) => check === 'provider near' && level === 'warn')).toEqual([]);
});
