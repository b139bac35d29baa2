import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../test/shared-server.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

test('a prompt is explained in words: where it would go, its score by parts, each candidate and choice', async () => {
  const { code, stdout } = await runCli(['explain', '-m', 'group/writers', 'Write', 'a', 'poem'], { server });
  expect(code).toBe(0);
  expect(stdout).toContain('sandbox/sandbox-large  group writers: sandbox/sandbox-large of 2');
  expect(stdout).toContain('Complexity 0.30: length +0.1, creative +0.2');
  expect(stdout).toMatch(/^sandbox\/sandbox-small +\d+ +\d+ +\$/m);
  expect(stdout).toMatch(/^ordered +sandbox\/sandbox-large$/m);
  expect(stdout).toMatch(/^cheapest +sandbox\/sandbox-small$/m);
});

test('as JSON it is what the server says', async () => {
  const explained = await runJson(['explain', 'What is a pool?'], { server });
  expect(explained).toMatchObject({ score: 0, factors: { question: -0.1, simpleWords: -0.1 } });
});

test('a model that nobody serves and an empty prompt are refused in words', async () => {
  const unknown = await runCli(['explain', '-m', 'group/none', 'x'], { server });
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('group/none');
  expect(await runCli(['explain', ' '], { server })).toMatchObject({ code: 2, stdout: '' });
});
