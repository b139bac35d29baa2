import { afterAll, beforeAll, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The command rewrites a file of the installation it belongs to, so it runs in a copy of this one.
const project = fileURLToPath(new URL('../../../../', import.meta.url));
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'sluice-refresh-'));
  for (const folder of ['cli/src', 'shared/src', 'server/src/catalog', 'server/src/core']) {
    mkdirSync(join(copy, folder), { recursive: true });
    cpSync(join(project, folder), join(copy, folder), { recursive: true });
  }
  cpSync(join(project, 'cli/package.json'), join(copy, 'cli/package.json'));
  symlinkSync(join(project, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const model = {
  provider: 'openai',
  id: 'brand-new',
  name: 'Brand New',
  context: 8000,
  input: ['text'],
  output: ['text'],
  usdPerMillion: { input: 1, output: 2 },
};

function refresh(content: unknown, ...line: string[]) {
  const source = join(copy, 'source.json');
  writeFileSync(source, JSON.stringify(content));
  const program = join(copy, 'cli/src/main.ts');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, 'models', 'refresh', '--from', source, ...line],
    {
      env: { PATH: process.env.PATH },
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

const catalogue = () => readFileSync(join(copy, 'server/src/catalog/models.json'), 'utf8');

test('the catalogue is rewritten from a file, and what changed is said', () => {
  const known = (JSON.parse(catalogue()) as { models: unknown[] }).models.length;
  const first = refresh(
    [model, { ...model, id: 'twice' }, { ...model, id: 'twice' }],
    '--date',
    '2026-08-01',
    '--json',
  );
  expect(first.stderr).toBe('');
  const summary = JSON.parse(first.stdout);
  expect(summary).toMatchObject({
    added: ['openai/brand-new'],
    changed: [],
    leftOut: [{ model: 'openai/twice', reason: '2 entries share this id' }],
    unchanged: 0,
  });
  expect(summary.removed).toHaveLength(known);
  expect(JSON.parse(catalogue())).toMatchObject({ header: { date: '2026-08-01' }, models: [{ id: 'brand-new' }] });

  const second = refresh([{ ...model, context: 9000 }], '--date', '2026-08-02');
  expect(second.status).toBe(0);
  expect(second.stdout).toContain('changed  openai/brand-new: context');
  expect(second.stderr).toContain('when it is started again');
});

test('a file in another form changes nothing', () => {
  const before = catalogue();
  const { status, stdout, stderr } = refresh([{ provider: 'openai' }], '--date', '2026-08-03');
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('not a list of models');
  expect(refresh([model], '--date', 'yesterday').status).toBe(2);
  expect(refresh([model], '--from', '/nowhere.json').stderr).toContain('There is no file /nowhere.json.');
  expect(catalogue()).toBe(before);
});
