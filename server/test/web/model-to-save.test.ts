import { expect, test } from 'bun:test';
import type { Model } from '../../../web/src/api/types.ts';
import { modelToSave } from '../../../web/src/features/admin/model-to-save.ts';

const price = { input: 2, output: 8, cacheRead: 0.5, cacheWrite1h: 4, audioInput: 40, audioOutput: 80 };
const listed: Model = {
  id: 'openai/gpt-4o',
  provider: 'openai',
  upstream: 'gpt-4o',
  name: 'GPT-4o',
  context: 128_000,
  maxOutput: 16_384,
  capabilities: ['tools', 'vision'],
  price,
  source: 'models.dev 2026-07-02',
};
const ofOperator: Model = { ...listed, source: 'operator', said: { maxOutput: 16_384, price } };
/** The fields as the dialog shows them before anybody types. */
const shown = {
  input: '2',
  output: '8',
  cacheRead: '0.5',
  cacheWrite: '',
  context: '128000',
  maxOutput: '16384',
};
/** What goes over the wire. */
const saved = (before: Model, change: Partial<typeof shown>) =>
  JSON.parse(JSON.stringify(modelToSave(before, { ...shown, ...change }) ?? null));

test('of the catalogue’s figures only those that were changed are sent', () => {
  expect(saved(listed, { context: '64000' })).toEqual({ context: 64_000 });
  expect(saved(listed, { maxOutput: '8192' })).toEqual({ maxOutput: 8192 });
});

test('a price is sent whole, with the figures that the form has no field for', () => {
  expect(saved(listed, { input: '3' })).toEqual({ price: { ...price, input: 3 } });
  expect(saved(listed, { input: '0', cacheRead: '' })).toEqual({
    price: { input: 0, output: 8, cacheWrite1h: 4, audioInput: 40, audioOutput: 80 },
  });
});

test('what an operator said before is sent along, and nothing of the catalogue with it', () => {
  expect(saved(ofOperator, { context: '64000' })).toEqual({ context: 64_000, maxOutput: 16_384, price });
  expect(saved(ofOperator, { output: '9' })).toEqual({ maxOutput: 16_384, price: { ...price, output: 9 } });
});

test('what is emptied comes from the catalogue again', () => {
  expect(saved(ofOperator, { maxOutput: '' })).toEqual({ price });
  expect(saved(ofOperator, { input: '', output: '', cacheRead: '' })).toEqual({ maxOutput: 16_384 });
  expect(saved({ ...ofOperator, said: { maxOutput: 16_384 } }, { maxOutput: '' })).toEqual({});
});

test('nothing is sent when nothing is said anew', () => {
  expect(saved(listed, {})).toBeNull();
  expect(saved(ofOperator, {})).toBeNull();
  expect(saved(listed, { context: '', input: '', output: '', cacheRead: '' })).toBeNull();
});
