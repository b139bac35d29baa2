import { expect, test } from 'bun:test';
import type { GuardrailRow } from '../../store/guardrail-store.ts';
import { createRuleReader } from './read-rules.ts';

const row = (over: Partial<GuardrailRow> = {}): GuardrailRow => ({
  id: 'gr_1',
  organisationId: 'org_1',
  name: 'words',
  position: 10,
  enabled: true,
  side: 'input',
  check: { kind: 'keywords', words: ['falcon'] },
  action: 'flag',
  route: null,
  roles: null,
  keyId: null,
  teamId: null,
  modelGroup: null,
  createdAt: new Date(1),
  updatedAt: new Date(1),
  ...over,
});

test('the same rows give the same rules, and a changed one gives new rules', async () => {
  let rows = [row()];
  const read = createRuleReader(async () => rows);
  const first = await read('org_1');
  rows = [row()];
  expect(await read('org_1')).toBe(first);
  expect(await read('org_2')).not.toBe(first);
  rows = [row({ action: 'block', updatedAt: new Date(2) })];
  const second = await read('org_1');
  expect(second).not.toBe(first);
  expect(second[0]).toMatchObject({ action: 'block', on: 'input' });
  rows = [];
  expect(await read('org_1')).toEqual([]);
});
