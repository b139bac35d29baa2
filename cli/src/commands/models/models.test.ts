import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { CreatedKey, Model } from '../../api/types.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const cli = (...line: string[]) => runCli(['models', ...line], { server });
const ids = async (...line: string[]) => (await runJson<Model[]>(['models', ...line], { server })).map(({ id }) => id);

test('models are listed with window, prices and capabilities, in 80 columns', async () => {
  const { code, stdout, stderr } = await cli();
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^MODEL +WINDOW +\$ IN +\$ OUT +CAN$/);
  expect(stdout).toMatch(/^sandbox\/sandbox-small +33k +0\.05 +0\.20 +tools structured-output$/m);
  expect(stdout).toMatch(/^sandbox\/sandbox-large +200k +1 +4 +tools /m);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

test('aliases and groups are listed too, since they can be asked for', async () => {
  expect(await ids()).toEqual(expect.arrayContaining(['sandbox/sandbox-small', 'quick', 'group/writers']));
});

test('every word of a search must be found, in names or capabilities', async () => {
  expect(await ids('vision', '--provider', 'sandbox')).toEqual(['sandbox/sandbox-large']);
  expect(await ids('Sandbox', 'SMALL', 'tools', '--provider=sandbox')).toContain('sandbox/sandbox-small');
  expect(await ids('vision', 'embeddings')).toEqual([]);
  const none = await cli('nothing-like-it');
  expect(none).toMatchObject({ code: 0, stdout: '' });
  expect(none.stderr).toMatch(/^None of \d+ models matches\.$/m);
});

test('a provider that serves nothing is corrected', async () => {
  const { code, stderr } = await cli('--provider', 'sandbx');
  expect(code).toBe(1);
  expect(stderr).toContain('Did you mean `sandbox`?');
});

test(
  'a key sees the models that it may use',
  async () => {
    const wish = ['keys', 'create', 'reader', '-m', 'sandbox/sandbox-large'];
    const { key } = await runJson<CreatedKey>(wish, { server });
    expect(await ids('--key', key)).toEqual(['sandbox/sandbox-large']);
  },
  firstUseMs,
);
