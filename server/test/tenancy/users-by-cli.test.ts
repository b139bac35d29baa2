import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { runCli, runJson } from '../../../cli/test/run-cli.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { openWorld, type World } from './world.ts';

setDefaultTimeout(databaseTimeoutMs);

let world: World;
let wish: { environment: Record<string, string> };
beforeAll(async () => {
  world = await openWorld();
  wish = { environment: { SLUICE_URL: world.gateway.url, SLUICE_KEY: world.gateway.key } };
});
afterAll(() => world.stop());

const cli = (...line: string[]) => runCli(line, wish);

test('members are listed, promoted, suspended, put into teams and taken out from the command line', async () => {
  const organisation = await world.organisation('Acme');
  const ada = await world.member(organisation, 'member');
  await world.member(organisation, 'owner');
  const { key } = await world.key(organisation, { role: 'admin', userId: ada.id });
  const team = await runJson<{ id: string }>(['teams', 'create', 'crew', '-o', 'Acme'], wish);

  const list = await cli('users', 'list', '-o', 'Acme');
  expect(list.stdout).toContain('2 users');
  expect((await cli('users', 'change', ada.email, 'admin', '-o', 'Acme')).stdout).toBe('A member is admin now.\n');
  expect((await cli('users', 'change', ada.email, 'boss')).stderr).toContain('There is no role "boss".');
  expect((await world.ask('GET', '/api/v1/users', undefined, key)).status).toBe(200);

  expect((await cli('teams', 'add', 'crew', ada.email, '-o', 'Acme')).stdout).toBe('A member is in crew.\n');
  expect(await runJson<{ id: string }[]>(['teams', 'members', 'crew'], wish)).toMatchObject([{ id: ada.id }]);
  expect((await cli('teams', 'take-out', team.id, ada.id)).code).toBe(0);
  expect(await runJson<unknown[]>(['teams', 'members', 'crew'], wish)).toEqual([]);

  for (const within of [[], ['-o', 'Acme']]) {
    expect((await cli('users', 'suspend', ada.email, ...within)).stdout).toBe('Suspended A member.\n');
    expect((await world.ask('GET', '/api/v1/me', undefined, key)).status).toBe(401);
    expect((await cli('users', 'reactivate', ada.email, ...within)).stdout).toBe('Reactivated A member.\n');
    expect((await world.ask('GET', '/api/v1/me', undefined, key)).status).toBe(200);
  }

  expect((await cli('users', 'remove', ada.email)).stdout).toContain('Took A member');
  expect((await cli('users', 'list', '-o', 'Acme')).stdout).toContain('1 user\n');
  const last = await cli('users', 'suspend', 'A owner');
  expect([last.code, last.stderr]).toEqual([1, expect.stringContaining('last owner')]);
});
