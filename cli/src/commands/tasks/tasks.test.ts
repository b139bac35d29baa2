import { beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, runJson } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';
import type { Client } from '../../api/client.ts';
import type { CreatedKey, Stats } from '../../api/types.ts';
import { callPages, type ExportedCall } from './call-pages.ts';
import { type Task, toTask, uuidOf } from './to-task.ts';

setDefaultTimeout(firstUseMs);

const hasTaskwarrior = spawnSync('task', ['--version']).status === 0;
if (!hasTaskwarrior) console.log('Skipped: the import into Taskwarrior. Install it (apt-get install taskwarrior).');

let server: ServerProcess;
let laptop: CreatedKey;
beforeAll(async () => {
  server = await sharedServer();
  laptop = await runJson<CreatedKey>(['keys', 'create', 'tasks laptop', '--tag', 'Team A', '--tag', '9am'], { server });
  for (const model of ['sandbox/sandbox-small', 'sandbox/sandbox-small', 'sandbox/sandbox-large'])
    await runCli(['chat', '--once', '--key', laptop.key, '-m', model, 'a secret question'], { server });
  await runCli(['chat', '--once', '--key', laptop.key, '-m', 'down/nobody', 'a secret question'], { server });
}, firstUseMs);

async function exported(...line: string[]): Promise<Task[]> {
  const { code, stdout, stderr } = await runCli(['tasks', 'export', ...line], { server });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Task[];
}

const mine = () => exported('--of', 'tasks laptop');

test('a finished task a call: when, whose, which model, what it cost, and nothing of what was asked', async () => {
  const tasks = await mine();
  expect(tasks).toHaveLength(4);
  const [failed, large, small] = tasks;
  expect(large).toMatchObject({
    description: 'chat sandbox/sandbox-large',
    status: 'completed',
    project: 'sluice.tasks-laptop',
    tags: ['team_a', '_9am'],
    model: 'sandbox/sandbox-large',
    provider: 'sandbox',
    outcome: 'ok',
  });
  expect(failed!.tags).toContain('failed');
  expect(failed!.description).toMatch(/^chat down\/nobody \(\w+\)$/);
  expect(large!.costnanos as number).toBeGreaterThan(small!.costnanos as number);
  expect(large!.entry).toMatch(/^\d{8}T\d{6}Z$/);
  expect(large!.end >= large!.entry).toBe(true);
  const text = JSON.stringify(tasks);
  for (const secret of ['secret question', laptop.key]) expect(text).not.toContain(secret);
  // The dollars are those of the ledger.
  const response = await fetch(`${server.url}/api/v1/stats`, { headers: { authorization: `Bearer ${laptop.key}` } });
  const { costUsd, requests } = (await response.json()) as Stats;
  expect(requests).toBe(4);
  const sum = tasks.reduce((nanos, { costnanos }) => nanos + ((costnanos as number | undefined) ?? 0), 0);
  expect(sum / 1e9).toBeCloseTo(Number(costUsd), 12);
});

test('filters by model, provider, time and key, and says what it does not understand', async () => {
  expect(await exported('--of', laptop.id, '--model', 'sandbox/sandbox-large')).toHaveLength(1);
  expect(await exported('--of', laptop.id, '--provider', 'sandbox')).toHaveLength(3);
  expect(await exported('--of', laptop.id, '--since', '1h')).toHaveLength(4);
  expect(await exported('--of', laptop.id, '--until', '1h')).toEqual([]);
  expect((await exported('--of', laptop.id, '--project', 'work.ai'))[0]!.project).toBe('work.ai.tasks-laptop');
  const wrong = await runCli(['tasks', 'export', '--since', 'yesterday'], { server });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('`--since yesterday` is not a date.')]);
  const nobody = await runCli(['tasks', 'export', '--of', 'nobody'], { server });
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('There is no key "nobody".')]);
});

test.skipIf(!hasTaskwarrior)(
  'Taskwarrior imports them, twice without a double, and sums them as the ledger does',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-tasks-'));
    const taskrc = join(folder, 'taskrc');
    const { stdout: fields } = await runCli(['tasks', 'fields']);
    writeFileSync(taskrc, `data.location=${folder}\nconfirmation=off\nverbose=nothing\nhooks=off\n${fields}`);
    const task = (line: string[], input = ''): string => {
      const { status, stdout, stderr } = spawnSync('task', line, {
        encoding: 'utf8',
        input,
        env: { PATH: process.env.PATH, HOME: folder, TASKRC: taskrc, TASKDATA: folder },
      });
      expect([line, status, stderr.replace(/^TASK(RC|DATA) override: .*\n/gm, '')]).toEqual([line, 0, '']);
      return stdout;
    };
    const kept = (): Task[] => (JSON.parse(task(['export'])) as Task[]).sort((a, b) => a.uuid.localeCompare(b.uuid));

    const first = await mine();
    task(['import', '-'], JSON.stringify(first));
    const once = kept();
    const wanted = [...first].sort((a, b) => a.uuid.localeCompare(b.uuid));
    const facts = (tasks: readonly Task[]) =>
      tasks.map(
        ({ uuid, description, status, entry, end, project, tags, model, provider, outcome, cost, costnanos }) => ({
          ...{ uuid, description, status, entry, end, project, model, provider, outcome, cost, costnanos },
          tags: [...(tags ?? [])].sort(),
        }),
      );
    expect(facts(once)).toEqual(facts(wanted));
    expect(once.reduce((sum, { costnanos }) => sum + ((costnanos as number | undefined) ?? 0), 0)).toBe(
      first.reduce((sum, { costnanos }) => sum + ((costnanos as number | undefined) ?? 0), 0),
    );

    await runCli(['chat', '--once', '--key', laptop.key, '-m', 'sandbox/sandbox-small', 'one more'], { server });
    const second = await mine();
    expect(second).toHaveLength(first.length + 1);
    task(['import', '-'], JSON.stringify(second));
    task(['import', '-'], JSON.stringify(second));
    expect(kept()).toHaveLength(second.length);
    expect(task(['project:sluice.tasks-laptop', '+failed', 'count']).trim()).toBe('1');
    // Taskwarrior knows the fields: it filters by them.
    expect(task(['model:sandbox/sandbox-large', 'count']).trim()).toBe('1');
    // Nothing at all is an import too.
    task(['import', '-'], JSON.stringify(await exported('--of', laptop.id, '--until', '1h')));
  },
);

test('an id is the same for the same call, and a version 5 UUID', () => {
  expect(uuidOf('req_1')).toBe(uuidOf('req_1'));
  expect(uuidOf('req_1')).not.toBe(uuidOf('req_2'));
  expect(uuidOf('req_1')).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

const call = (index: number, atMs: number): ExportedCall =>
  ({ requestId: `req_${index}`, at: new Date(atMs).toISOString(), costUsd: null, savedUsd: null }) as ExportedCall;

test('pages meet without a gap or a double, even in the midst of a millisecond', async () => {
  // Newest first; calls 900 to 1,399 have one time, which the first page ends in.
  const all = Array.from({ length: 2500 }, (_, index) =>
    call(index, 5_000_000 - (index >= 900 && index < 1400 ? 900 : index)),
  );
  all.sort((a, b) => b.at.localeCompare(a.at));
  const asked: (string | undefined)[] = [];
  const client = {
    async list(_path: string, { to, limit }: { to?: string; limit: string }) {
      asked.push(to);
      return all.filter(({ at }) => to === undefined || at < to).slice(0, Number(limit));
    },
  } as unknown as Client;
  const got: string[] = [];
  for await (const page of callPages(client, {})) got.push(...page.map(({ requestId }) => requestId));
  expect(got).toHaveLength(2500);
  expect(new Set(got).size).toBe(2500);
  expect(asked.length).toBeGreaterThan(2);
});

test('a call without a price has no cost, which is another thing than none', () => {
  const base = {
    ...call(1, 0),
    operation: 'chat',
    modelAsked: 'a',
    keyName: 'k',
    tags: [],
    outcome: 'ok',
    latencyMs: 1500,
  };
  const unpriced = toTask({ ...base, cache: 'exact' } as unknown as ExportedCall, 'x');
  expect(unpriced.cost).toBeUndefined();
  expect(unpriced.costnanos).toBeUndefined();
  expect([unpriced.entry, unpriced.end, unpriced.tags]).toEqual(['19700101T000000Z', '19700101T000001Z', ['cached']]);
  const free = toTask({ ...base, costUsd: '0', savedUsd: '-0.000000002' } as unknown as ExportedCall, '');
  expect([free.cost, free.costnanos, free.savednanos, free.project]).toEqual(['0', 0, -2, 'k']);
});
