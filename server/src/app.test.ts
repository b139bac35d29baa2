import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseTimeoutMs, temporaryFolder } from '../test/support/databases.ts';
import { type App, createApp } from './app.ts';
import { readSettings } from './config/settings.ts';

setDefaultTimeout(databaseTimeoutMs);

const folder = temporaryFolder();
const configPath = join(folder, 'sluice.yaml');
const adminKey = 'an-admin-key-for-the-tests';
let app: App;

const config = (...models: string[]) =>
  `providers:\n  sandbox: { kind: sandbox }\nmodels:\n${models.map((id) => `  - { id: ${id}, provider: sandbox, upstream: sandbox-small }\n`).join('')}`;

beforeAll(async () => {
  writeFileSync(configPath, config('first'));
  app = await createApp(
    readSettings({
      SLUICE_DATA_DIR: join(folder, 'data'),
      SLUICE_CONFIG: configPath,
      SLUICE_ADMIN_KEY: adminKey,
      SLUICE_LOG_LEVEL: 'silent',
    }),
  );
});
afterAll(() => app.close());

async function ask(path: string, body?: object): Promise<Response> {
  return app.fetch(
    new Request(`http://127.0.0.1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
}

const statusOf = async (model: string) =>
  (await ask('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'hi' }] })).status;

async function models(): Promise<string[]> {
  const { data } = (await (await ask('/v1/models')).json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}

/** Asks until it holds; the file is watched, so it takes a moment. */
async function eventually(holds: () => Promise<boolean>): Promise<boolean> {
  for (const endMs = performance.now() + 10_000; performance.now() < endMs; ) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}

test('a call is answered before the database is open', async () => {
  expect(await statusOf('first')).toBe(200);
});

test('a model that is added to the file is served without a restart, and one that is taken out is not', async () => {
  expect(await statusOf('second')).toBe(404);
  writeFileSync(configPath, config('second'));
  expect(await eventually(async () => (await statusOf('second')) === 200)).toBe(true);
  expect(await statusOf('first')).toBe(404);
});

test('a file that is replaced, as editors do, is read too', async () => {
  writeFileSync(join(folder, 'sluice.yaml.new'), config('second', 'third'));
  renameSync(join(folder, 'sluice.yaml.new'), configPath);
  expect(await eventually(async () => (await models()).includes('third'))).toBe(true);
});

test('a faulty file keeps what was there, and the next good one is taken', async () => {
  for (const faulty of [
    `${config('fourth')}nonsense: 1\n`,
    'providers: {',
    config('fourth').replace('provider: sandbox', 'provider: nobody'),
    `${config('fourth')}aliases: { a: nowhere }\n`,
  ]) {
    writeFileSync(configPath, faulty);
    app.reload();
    expect(await statusOf('third')).toBe(200);
    expect(await statusOf('fourth')).toBe(404);
  }
  writeFileSync(configPath, config('third', 'fourth'));
  expect(await eventually(async () => (await statusOf('fourth')) === 200)).toBe(true);
});

test('not ready when it is told to drain, and what comes is still answered', async () => {
  await app.database;
  expect((await ask('/ready')).status).toBe(200);
  app.drain();
  expect((await ask('/ready')).status).toBe(503);
  expect((await ask('/health')).status).toBe(200);
  expect(await statusOf('third')).toBe(200);
});
