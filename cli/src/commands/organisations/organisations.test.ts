import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { CreatedInvitation, Invitation, Organisation, Role, Team, User } from '../../api/types.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const json = <Value>(...line: string[]) => runJson<Value>(line, { server });
const cli = (...line: string[]) => runCli(line, { server });

test(
  'an organisation is made, found by its short name, renamed, suspended and reactivated',
  async () => {
    const made = await json<Organisation>('organisations', 'create', 'Acme Ltd', '--slug', 'acme');
    expect(made).toMatchObject({ name: 'Acme Ltd', slug: 'acme', status: 'active' });
    expect(await json<Organisation>('organisations', 'change', 'acme', '--name', 'Acme')).toMatchObject({
      name: 'Acme',
    });
    expect(await json<Organisation>('organisations', 'suspend', 'Acme')).toMatchObject({ status: 'suspended' });
    const { stdout } = await cli('organisations', 'list');
    expect(stdout).toMatch(/ Acme +acme +suspended/);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect((await cli('organisations', 'reactivate', made.id)).stdout).toContain('Reactivated Acme');
    expect((await cli('organisations', 'suspend', 'acmee')).stderr).toContain('Did you mean `Acme`?');
    expect((await cli('organisations', 'create', 'Other', '--slug', 'acme')).code).toBe(1);
    expect((await cli('organisations', 'change', 'acme')).code).toBe(2);
  },
  firstUseMs,
);

test('a team is made, limited, freed, suspended and removed', async () => {
  const team = await json<Team>('teams', 'create', 'research', '-p', 'models:use');
  expect(team).toMatchObject({ name: 'research', permissions: ['models:use'] });
  expect(await json<Team>('teams', 'change', 'research', '--unlimited')).toMatchObject({ permissions: null });
  expect(await json<Team>('teams', 'suspend', 'research')).toMatchObject({ status: 'suspended' });
  expect(await json<Team>('teams', 'reactivate', 'research')).toMatchObject({ status: 'active' });
  expect((await cli('teams', 'members', 'research')).stdout).toContain('Nobody is in research yet.');
  expect((await cli('teams', 'add', 'research', 'ada@example.com')).stderr).toContain('There is no user');
  expect((await cli('teams', 'create', 'wrong', '-p', 'everything')).code).toBe(1);
  expect((await cli('teams', 'list')).stdout).toMatch(/ research +active +anything/);
  expect(await json<Team>('teams', 'remove', 'research')).toMatchObject({ id: team.id });
  expect(await json<Team[]>('teams', 'list')).toEqual([]);
}, 20_000);

test('a role is made, changed and removed, and the built-in ones stay', async () => {
  const role = await json<Role>('roles', 'create', 'bookkeeper', '-p', 'usage:read', '-p', 'budgets:read');
  expect(role).toMatchObject({ builtIn: false, permissions: ['usage:read', 'budgets:read'] });
  expect(await json<Role>('roles', 'change', 'bookkeeper', '--name', 'clerk')).toMatchObject({ name: 'clerk' });
  const { stdout } = await cli('roles', 'list');
  expect(stdout).toContain('owner');
  expect(stdout).toContain(role.id);
  expect((await cli('roles', 'remove', 'owner')).stderr).toContain('built in');
  expect((await cli('roles', 'remove', 'clerk')).stdout).toContain('Removed clerk');
}, 20_000);

test('somebody is invited in an organisation of choice, and the invitation is withdrawn', async () => {
  await json('organisations', 'create', 'Guests', '--slug', 'guests');
  const made = await json<CreatedInvitation>(
    'invitations',
    'create',
    'Ada@example.com',
    '--role',
    'admin',
    '-o',
    'guests',
  );
  expect(made).toMatchObject({ email: 'ada@example.com', role: 'admin' });
  const { stdout } = await cli('invitations', 'list', '-o', 'guests');
  expect(stdout).toMatch(/ada@example\.com +admin +7 d left/);
  expect(stdout).not.toContain(made.token);
  expect(await json<Invitation[]>('invitations', 'list', '-o', 'default')).toEqual([]);
  expect((await cli('invitations', 'revoke', 'ada@example.com', '-o', 'guests')).stdout).toContain('Withdrew');
  expect((await cli('invitations', 'revoke', 'ada@example.com', '-o', 'guests')).code).toBe(1);
  expect((await cli('invitations', 'create', 'not an address')).code).toBe(1);
}, 20_000);

test('who is not there is neither changed, suspended nor removed', async () => {
  expect(await json<User[]>('users', 'list', '-o', 'default')).toEqual([]);
  for (const line of [
    ['change', 'ada', 'admin'],
    ['suspend', 'ada'],
    ['reactivate', 'ada'],
    ['remove', 'ada'],
  ]) {
    const { code, stderr } = await cli('users', ...line);
    expect({ line, code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no user "ada".'),
    });
  }
}, 20_000);
