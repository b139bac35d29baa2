import { expect, test } from 'bun:test';
import { shippedPrior } from '../../shared/src/routing/shipped-prior.ts';
import { predict } from './predict.ts';
import { DataError } from './rows.ts';
import { measureSpeed } from './speed.ts';
import { row } from './testing.ts';

const line = (fields: object) => `${JSON.stringify(fields)}\n`;
const read = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each) as { id: unknown; score: number; q: Record<string, number> });

test('each prompt has a score and the quality of every model of the shipped prior, from the prompt alone', () => {
  const prior = shippedPrior();
  const input = line({ id: 'a', prompt: 'What is 2+2?', category: 'x' }) + line({ id: 7, prompt: '' });
  const [first, second] = read(predict(prior, input));
  expect([first!.id, second!.id]).toEqual(['a', 7]);
  for (const { score, q } of [first!, second!]) {
    expect(Number.isFinite(score)).toBe(true);
    expect(Object.keys(q)).toEqual([...prior.heads.keys()]);
    expect(Object.values(q).every((quality) => quality > 0 && quality < 1)).toBe(true);
  }
  expect(predict(prior, line({ id: 'a', prompt: 'What is 2+2?' }))).toBe(`${predict(prior, input).split('\n')[0]}\n`);
});

test('a line that is no prompt is refused with its number', () => {
  const prior = shippedPrior();
  expect(() => predict(prior, `${line({ id: 1, prompt: 'x' })}{`)).toThrow(new DataError('Line 2 is not JSON.'));
  expect(() => predict(prior, line({ id: 1 }))).toThrow(new DataError('Line 1 must be {id, prompt}.'));
});

test('the shipped prior is small and says what it was made from', () => {
  const { record } = shippedPrior();
  expect(record.data.length).toBeGreaterThan(0);
  expect(Object.keys(record.figures).length).toBeGreaterThan(0);
  expect(Bun.file(new URL('../../shared/src/routing/prior.json', import.meta.url)).size).toBeLessThan(5_000_000);
});

test('speed is measured of every prompt', () => {
  const speed = measureSpeed(shippedPrior(), [row(), row({ prompt: 'Another one' })]);
  expect(speed).toMatchObject({ prompts: 2, models: 8 });
  expect(speed.meanUs).toBeGreaterThan(0);
});
