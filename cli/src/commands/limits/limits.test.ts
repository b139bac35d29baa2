import { beforeAll, expect, test } from 'bun:test';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { CreatedKey, Limit } from '../../api/types.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const json = <Value>(...line: string[]) => runJson<Value>(line, { server });
const cli = (...line: string[]) => runCli(line, { server });

test(
  'a limit is set for a key by its name, changed by setting it again, listed, and gone when it is removed',
  async () => {
    const { id, key } = await json<CreatedKey>('keys', 'create', 'limited');
    const say = () => runCli(['chat', '--once', 'what is 2+3', '--key', key], { server });
    const limit = await json<Limit>('limits', 'set', 'key', 'limited', '--requests', '1', '--tokens', '5000');
    expect(limit).toMatchObject({
      subject: 'key',
      subjectId: id,
      model: null,
      requestsPerMinute: 1,
      tokensPerMinute: 5000,
    });
    expect((await say()).code).toBe(0);
    const refused = await say();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('The limit of this key is 1 requests a minute.');

    const changed = await json<Limit>('limits', 'set', 'key', 'limited', '--requests', '50', '--tokens', 'none');
    expect(changed).toMatchObject({ id: limit.id, requestsPerMinute: 50, tokensPerMinute: null });
    expect((await say()).code).toBe(0);
    const { stdout } = await cli('limits', 'list');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/any +50 +– +–/);

    expect((await cli('limits', 'remove', limit.id)).stdout).toContain(`Removed the limit of key ${id}`);
    expect((await cli('limits', 'remove', limit.id)).stderr).toContain('There is no limit');
    expect(await json<Limit[]>('limits', 'list')).toEqual([]);
  },
  firstUseMs,
);

test('a limit of each, or of a model, is another one', async () => {
  const each = await json<Limit>('limits', 'set', 'thread', '--concurrent', '1');
  const model = await json<Limit>('limits', 'set', 'thread', '-m', 'sandbox/*', '--concurrent', '2');
  expect(each).toMatchObject({ subjectId: null, model: null, concurrent: 1 });
  expect(model).toMatchObject({ subjectId: null, model: 'sandbox/*', concurrent: 2 });
  expect(model.id).not.toBe(each.id);
  for (const { id } of [each, model]) await json('limits', 'remove', id);
});

test('a wish that cannot be meant sets nothing', async () => {
  const wrong = [
    ['key'],
    ['everybody', '--requests', '1'],
    ['key', '--requests', '0'],
    ['key', '--requests', 'many'],
    ['key', '--tokens', '-1'],
  ];
  for (const line of wrong)
    expect({ line, code: (await cli('limits', 'set', ...line)).code }).toEqual({ line, code: 2 });
  expect((await cli('limits', 'set', 'team', 'nobody', '--requests', '1')).stderr).toContain(
    'There is no team "nobody"',
  );
  expect(await json<Limit[]>('limits', 'list')).toEqual([]);
});
