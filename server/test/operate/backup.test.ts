import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import postgres from 'postgres';
import type { Manifest } from '../../src/operate/manifest.ts';
import { ownTables } from '../../src/store/migrations.ts';
import { temporaryFolder, testDatabaseUrl } from '../support/databases.ts';
import { adminKey, type ServerProcess, startServer } from '../support/server-process.ts';
import { contentOf, installation, scratchDatabases, sluice, sluiceJson } from './run-sluice.ts';

setDefaultTimeout(180_000);

const config =
  'discovery: false\nproviders:\n  sandbox: { kind: sandbox }\n  elsewhere: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1", apiKey: test }\n';
const databases = testDatabaseUrl ? scratchDatabases() : undefined;

interface Report {
  file: string;
  rows: number;
  into: string | null;
  manifest: Omit<Manifest, 'entries'>;
  migrated: string[];
  warnings: string[];
}

interface Home {
  folder: string;
  environment: Record<string, string>;
  start(): ServerProcess;
}

function home(databaseUrl?: string): Home {
  const folder = temporaryFolder();
  const environment = installation(folder, databaseUrl);
  return {
    folder,
    environment,
    start: () =>
      startServer({ folder, config, environment: databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl } }),
  };
}

const first = home();
const out = join(first.folder, 'backup.tar.gz');
let key: string;
let conversationId: string;
let fileId: string;
const fileBytes = new TextEncoder().encode('Les étoiles – "\\ \t ☄\n'.repeat(12_000));

/** Keys, calls, a conversation with a file, a sealed provider key, and the audit of it all: as people make them. */
async function fill(server: ServerProcess): Promise<void> {
  const post = async <Answer>(path: string, body: object | Uint8Array, authorization = adminKey): Promise<Answer> => {
    const isBytes = body instanceof Uint8Array;
    const response = await server.ask(path, {
      method: 'POST',
      body: isBytes ? (body as BodyInit) : JSON.stringify(body),
      headers: {
        authorization: `Bearer ${authorization}`,
        'content-type': isBytes ? 'application/octet-stream' : 'application/json',
      },
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  ({ key } = await post<{ key: string }>('/api/v1/keys', { name: 'kept', role: 'admin' }));
  for (let each = 0; each < 5; each++)
    await post(
      '/v1/chat/completions',
      { model: 'sandbox/sandbox-small', messages: [{ role: 'user', content: `count to ${each} – “é”, \\ and \t` }] },
      key,
    );
  const file = await post<{ id: string }>('/api/v1/files?name=stars.txt', fileBytes, key);
  fileId = file.id;
  const chat = await post<{ conversationId: string }>(
    '/api/v1/chat',
    { message: 'Which colours has the sky?', model: 'sandbox/sandbox-small', stream: false },
    key,
  );
  conversationId = chat.conversationId;
  await post(
    '/api/v1/chat',
    { conversationId, message: 'And at night?', model: 'sandbox/sandbox-small', stream: false },
    key,
  );
  await post(
    '/api/v1/provider-keys',
    { provider: 'elsewhere', name: 'own', key: 'sk-own-secret', validate: false },
    key,
  );
  await post(
    '/api/v1/budgets',
    { name: 'month', scope: 'organisation', unit: 'usd', limit: '5', window: 'month' },
    key,
  );
}

async function expectEverything(server: ServerProcess): Promise<void> {
  const headers = { authorization: `Bearer ${key}` };
  const read = async (path: string) => {
    const response = await server.ask(path, { headers });
    expect([path, response.status]).toEqual([path, 200]);
    return response;
  };
  const conversation = (await (await read(`/api/v1/conversations/${conversationId}`)).json()) as {
    messages: unknown[];
  };
  expect(conversation.messages).toHaveLength(4);
  expect(new Uint8Array(await (await read(`/api/v1/files/${fileId}/content`)).arrayBuffer())).toEqual(fileBytes);
  const found = await read('/api/v1/conversations?q=night');
  expect(JSON.stringify(await found.json())).toContain(conversationId);
  const verdict = (await (await server.ask('/api/v1/audit/verify')).json()) as { valid: boolean; rows: number };
  expect(verdict).toMatchObject({ valid: true });
  expect(verdict.rows).toBeGreaterThan(1);
  // A key that was given out before still calls, and what it does is written behind what was.
  const call = await server.chat({ messages: [{ role: 'user', content: 'hello' }] }, { headers });
  expect(call.status).toBe(200);
  const made = await server.ask('/api/v1/keys', { method: 'POST', body: JSON.stringify({ name: 'after' }) });
  expect(made.status).toBe(201);
  expect(await (await server.ask('/api/v1/audit/verify')).json()).toMatchObject({
    valid: true,
    rows: verdict.rows + 1,
  });
}

const filled = Promise.withResolvers<Record<string, { rows: number; digest: string | null }>>();

beforeAll(async () => {
  const server = first.start();
  await server.ready();
  await fill(server);
  await server.end('SIGTERM');
  filled.resolve(await contentOf(first.environment));
});
afterAll(() => databases?.drop());

test('a stopped installation is put into one file, and into an empty place again: every row equal, and it works', async () => {
  const content = await filled.promise;
  for (const table of [
    'calls',
    'api_keys',
    'audit_entries',
    'conversations',
    'chat_messages',
    'files',
    'provider_keys',
  ])
    expect([table, content[table]?.rows]).not.toEqual([table, 0]);
  const report = await sluiceJson<Report>(first.environment, ['backup', '--out', out]);
  expect(report).toMatchObject({ file: out, manifest: { sealedSecrets: 1, hasSecrets: false } });
  expect(Object.keys(report.manifest.tables).sort()).toEqual(ownTables().sort());
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(report.warnings.join()).toContain('The master key is not in this file, and 1 stored secrets');

  const second = home();
  const restored = await sluiceJson<Report>(second.environment, ['restore', out]);
  expect(restored).toMatchObject({ into: 'embedded', rows: report.rows, migrated: [] });
  expect(restored.warnings.join()).toContain('There is no master key here');
  expect(await contentOf(second.environment)).toEqual(content);
  const server = second.start();
  await server.ready();
  await expectEverything(server);
  await server.end('SIGTERM');
});

test.skipIf(!databases)(
  'a laptop moves to a server: the embedded database goes into PostgreSQL, and back',
  async () => {
    const content = await filled.promise;
    const file = join(first.folder, 'move.tar.gz');
    await sluiceJson(first.environment, ['backup', '--with-secrets', '--out', file]);
    const second = home(await databases!.create());
    const restored = await sluiceJson<Report>(second.environment, ['restore', file]);
    expect([restored.into, restored.warnings]).toEqual(['postgresql', []]);
    expect(readFileSync(join(second.folder, 'data/master-key'))).toEqual(
      readFileSync(join(first.folder, 'data/master-key')),
    );
    expect(await contentOf(second.environment)).toEqual(content);
    const server = second.start();
    await server.ready();
    const refused = await sluice(second.environment, 'restore', file, '--force');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('A Sluice is connected to this database'),
    ]);
    await expectEverything(server);
    await server.end('SIGTERM');
    const grown = await contentOf(second.environment);

    const back = join(second.folder, 'back.tar.gz');
    await sluiceJson(second.environment, ['backup', '--out', back]);
    const third = home();
    await sluiceJson(third.environment, ['restore', back]);
    expect(await contentOf(third.environment)).toEqual(grown);
  },
);

test.skipIf(!databases)('tables of others in the same database are neither taken along nor touched', async () => {
  const file = join(first.folder, 'shared.tar.gz');
  await sluiceJson(first.environment, ['backup', '--out', file]);
  const url = await databases!.create();
  const target = home(url);
  await sluiceJson(target.environment, ['restore', file]);
  const client = postgres(url, { max: 1, onnotice() {} });
  await client`create table strangers (id serial primary key, note text)`;
  await client`insert into strangers (note) values ('mine')`;
  const again = join(first.folder, 'shared-again.tar.gz');
  const { manifest } = await sluiceJson<Report>(target.environment, ['backup', '--out', again]);
  expect(Object.keys(manifest.tables)).not.toContain('strangers');
  expect(Object.keys(manifest.sequences).filter((name) => name.startsWith('strangers'))).toEqual([]);
  await sluiceJson(target.environment, ['restore', again, '--force']);
  expect([...(await client`select note from strangers`)]).toEqual([{ note: 'mine' }]);
  await client.end();
  expect(await contentOf(target.environment)).toEqual(await filled.promise);
});

test.each(testDatabaseUrl ? ['embedded', 'postgresql'] : ['embedded'])(
  'a server that runs on %s is backed up while it answers',
  async (kind) => {
    const source = home(kind === 'embedded' ? undefined : await databases!.create());
    const server = source.start();
    await server.ready();
    await fill(server);
    let busy = true;
    let answered = 0;
    let failed = 0;
    const calling = (async () => {
      while (busy) {
        const { ok } = await server.chat({ messages: [{ role: 'user', content: 'again' }] });
        if (ok) answered++;
        else failed++;
      }
    })();
    const file = join(source.folder, 'online.tar.gz');
    const report = await sluiceJson<Report>(source.environment, ['backup', '--out', file]);
    const duringBackup = answered;
    busy = false;
    await calling;
    expect(failed).toBe(0);
    expect(duringBackup).toBeGreaterThan(0);
    expect(report.manifest.database.kind).toBe(kind);
    expect(readdirSync(join(source.folder, 'data')).filter((name) => name.startsWith('copy-'))).toEqual([]);
    await server.end('SIGTERM');

    const target = home();
    await sluiceJson(target.environment, ['restore', file]);
    const restored = target.start();
    await restored.ready();
    const stats = (await (await restored.ask('/api/v1/stats')).json()) as { requests: number };
    // Those of `fill` at least: five calls and two messages.
    expect(stats.requests).toBeGreaterThanOrEqual(7);
    await expectEverything(restored);
    await restored.end('SIGTERM');
  },
);

test('what is there is not replaced without --force, and with it nothing of it stays', async () => {
  const file = join(first.folder, 'again.tar.gz');
  await sluiceJson(first.environment, ['backup', '--out', file]);
  const content = await contentOf(first.environment);
  const refused = await sluice(first.environment, 'restore', file);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('is not empty, and nothing was changed')]);
  expect(await contentOf(first.environment)).toEqual(content);

  const other = home();
  const server = other.start();
  await server.ready();
  const running = await sluice(other.environment, 'restore', file, '--force');
  expect([running.code, running.stderr]).toEqual([1, expect.stringContaining('uses this data folder')]);
  await fill(server);
  await server.end('SIGTERM');
  const forced = await sluiceJson<Report>(other.environment, ['restore', file, '--force']);
  expect(forced.warnings.join()).toContain('The master key here is another one');
  expect(await contentOf(other.environment)).toEqual(content);
  const again = await sluice(first.environment, 'backup', '--out', file);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('exists already')]);
});

test('a file that is broken, cut off, foreign or of a newer program is refused in words, and changes nothing', async () => {
  const whole = join(first.folder, 'whole.tar.gz');
  await sluiceJson(first.environment, ['backup', '--out', whole]);
  const target = home();
  mkdirSync(join(target.folder, 'data'), { recursive: true });
  const tarred = gunzipSync(readFileSync(whole));
  const changed = (name: string, change: (bytes: Buffer) => Buffer): string => {
    const path = join(target.folder, `${name}.tar.gz`);
    writeFileSync(path, gzipSync(change(Buffer.from(tarred))));
    return path;
  };
  const replace = (bytes: Buffer, from: string, to: string): Buffer => {
    const at = bytes.indexOf(from);
    expect(at).toBeGreaterThan(0);
    bytes.write(to, at);
    return bytes;
  };
  const cut = join(target.folder, 'cut.tar.gz');
  writeFileSync(cut, readFileSync(whole).subarray(0, -2000));
  const foreign = join(target.folder, 'foreign.tar.gz');
  writeFileSync(foreign, 'no archive at all');
  const refusals: [file: string, why: string][] = [
    [changed('bit', (bytes) => replace(bytes, 'Which colours', 'Whose colours')), 'the checksum of tables/'],
    [cut, 'cannot be read as a backup'],
    [foreign, 'cannot be read as a backup'],
    [join(target.folder, 'nowhere'), 'There is no file'],
    [
      changed('newer', (bytes) => replace(bytes, '"schemaVersion": 1', '"schemaVersion": 9')),
      'was written by a newer Sluice',
    ],
    [changed('form', (bytes) => replace(bytes, '"format": 1,', '"format": 9,')), 'has the form 9 of backups'],
  ];
  for (const [file, why] of refusals) {
    const { code, stderr } = await sluice(target.environment, 'restore', file);
    expect([file, code, stderr]).toEqual([file, 1, expect.stringContaining(why)]);
  }
  expect(existsSync(join(target.folder, 'data/postgres'))).toBe(false);
  const checked = await sluice(target.environment, 'restore', whole, '--check');
  expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('is whole, a backup of Sluice')]);
});

test('there is nothing to back up where there is no database', async () => {
  const { code, stderr } = await sluice(installation(temporaryFolder()), 'backup');
  expect([code, stderr]).toEqual([1, expect.stringContaining('There is no database in')]);
});

test('a place where the server was only started is still an empty one', async () => {
  const content = await filled.promise;
  const file = join(first.folder, 'fresh.tar.gz');
  await sluiceJson(first.environment, ['backup', '--out', file]);
  const target = home();
  const server = target.start();
  await server.ready();
  await server.end('SIGTERM');
  await sluiceJson(target.environment, ['restore', file]);
  expect(await contentOf(target.environment)).toEqual(content);
});
