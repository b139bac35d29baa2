import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../test/shared-server.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const cli = (...line: string[]) => runCli(line, { server });

test(
  'a group is set, listed, used and removed',
  async () => {
    const made = await runJson(
      [
        'groups',
        'set',
        'desk',
        '-m',
        'sandbox/sandbox-large=2',
        '-m',
        'sandbox/sandbox-small',
        '--strategy',
        'learned',
        '--tau',
        '0.9',
        '--default',
        'sandbox/sandbox-small',
      ],
      { server },
    );
    expect(made).toMatchObject({
      name: 'desk',
      origin: 'database',
      tau: 0.9,
      models: [
        { model: 'sandbox/sandbox-large', weight: 2 },
        { model: 'sandbox/sandbox-small', weight: 1 },
      ],
    });
    const { stdout } = await cli('groups', 'list');
    expect(stdout).toMatch(/^desk +database +learned +sandbox/m);
    expect(stdout).toMatch(/^writers +file +ordered/m);
    expect(stdout).toMatch(/^executors +built-in +learned/m);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect((await cli('chat', '--once', '-m', 'group/desk', 'count to 3')).code).toBe(0);
    expect((await cli('groups', 'remove', 'desk')).stdout).toContain('Removed the group');
    expect((await cli('groups', 'remove', 'desk')).stderr).toContain('There is no group "desk"');
  },
  firstUseMs,
);

test('a wish that cannot be meant makes nothing', async () => {
  expect((await cli('groups', 'set', 'desk')).code).toBe(2);
  expect((await cli('groups', 'set', 'desk', '-m', 'sandbox/sandbox-small', '--tau', 'much')).code).toBe(2);
  expect((await cli('groups', 'set', 'writers', '-m', 'sandbox/sandbox-small')).stderr).toContain('sluice.yaml');
  expect((await cli('groups', 'set', 'desk', '-m', 'nobody/x')).stderr).toContain('nobody/x');
});
