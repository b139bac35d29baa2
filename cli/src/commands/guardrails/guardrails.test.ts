import { afterAll, beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { CreatedKey, Guardrail, GuardrailTrial } from '../../api/types.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const json = <Value>(...line: string[]) => runJson<Value>(line, { server });
const cli = (...line: string[]) => runCli(['guardrails', ...line], { server });
// The server is shared with other tests, whose calls no rule of these may touch.
afterAll(async () => {
  for (const { id } of await json<Guardrail[]>('guardrails', 'list')) await cli('remove', id);
});

test(
  'a rule is added, holds for the key it is for, is switched off and on, and goes',
  async () => {
    const { id: keyId, key } = await json<CreatedKey>('keys', 'create', 'guarded');
    const say = () => runCli(['chat', '--once', 'write to anna@example.com', '--key', key], { server });
    const rule = await json<Guardrail>(
      'guardrails',
      'add',
      'no-mail',
      'pii',
      '--detect',
      'email',
      '--for-key',
      'guarded',
    );
    expect(rule).toMatchObject({
      name: 'no-mail',
      check: { kind: 'pii', detect: ['email'] },
      action: 'block',
      on: 'input',
      keyId,
    });
    const refused = await say();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('The guardrail "no-mail" blocked this request: it holds an e-mail address.');
    expect((await cli('disable', 'no-mail')).stdout).toContain('Switched off no-mail');
    expect((await say()).code).toBe(0);
    expect((await cli('enable', rule.id)).code).toBe(0);
    expect((await say()).code).toBe(1);
    expect((await cli('remove', 'no-mail')).stdout).toContain('Removed no-mail');
    expect((await say()).code).toBe(0);
    expect((await cli('remove', 'no-mail')).stderr).toContain('There is no guardrail "no-mail".');
  },
  firstUseMs,
);

test('the list fits 80 columns, and a text is tried against it', async () => {
  await cli('add', 'words-of-a-long-name', 'keywords', '--word', 'aquamarine', '--action', 'flag', '--order', '5');
  await cli('add', 'masks', 'pii', '-a', 'mask', '--for-group', 'writers');
  const { stdout } = await cli('list');
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(stdout).toMatch(/5 +words-of-a-long-name +keywords +input +flag +all +on/);
  const trial = await json<GuardrailTrial>('guardrails', 'test', 'aquamarine for', 'anna@example.com');
  expect(trial).toMatchObject({ text: 'aquamarine for <EMAIL_1>', blocked: false });
  expect((await cli('test', 'aquamarine')).stdout).toContain('words-of-a-long-name: flag, KEYWORD 1');
  expect((await cli('test', 'nothing')).stdout).toContain('Goes on as: nothing');
});

test('a wish that cannot be meant adds nothing', async () => {
  const before = (await json<Guardrail[]>('guardrails', 'list')).length;
  for (const line of [
    ['x', 'unknown'],
    ['x', 'size', '--check', 'nonsense'],
    ['x', 'size', '--check', '@/no/such/file'],
    ['x', 'pii', '--order', 'first'],
    ['x'],
  ])
    expect({ line, code: (await cli('add', ...line)).code }).toEqual({ line, code: 2 });
  expect((await cli('add', 'x', 'regex', '--pattern', '(?=a)b')).stderr).toContain('RE2 refuses the pattern');
  expect((await json<Guardrail[]>('guardrails', 'list')).length).toBe(before);
});
