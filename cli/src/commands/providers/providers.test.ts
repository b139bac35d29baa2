import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { Provider, ProviderTest } from '../../api/types.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const cli = (...line: string[]) => runCli(['providers', ...line], { server });

test('providers are listed', async () => {
  const { code, stdout } = await cli();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^sandbox +sandbox +local +3 +/m);
  const list = await runJson<Provider[]>(['providers'], { server });
  expect(list.map(({ id }) => id).sort()).toEqual(['down', 'sandbox', 'slow']);
});

test('the exit code of a test says whether all of them work', async () => {
  const one = await cli('test', 'sandbox');
  expect(one.code).toBe(0);
  expect(one.stdout).toMatch(/^sandbox +yes +- +3 +\d+ ms +serves 3 models$/m);

  const all = await cli('test', '--json');
  expect(all.code).toBe(1);
  const tests = JSON.parse(all.stdout) as ProviderTest[];
  expect(tests.find(({ id }) => id === 'down')).toMatchObject({ reachable: false, models: null });
  expect(tests.find(({ id }) => id === 'sandbox')).toMatchObject({ reachable: true, models: 3 });
});

test('a provider that is not there is corrected', async () => {
  const { code, stdout, stderr } = await cli('test', 'sanbox');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('Did you mean `sandbox`?');
});
