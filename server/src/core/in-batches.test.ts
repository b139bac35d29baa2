import { expect, test } from 'bun:test';
import { inBatches } from './in-batches.ts';

/** A source that answers when it is told to. */
function stage(most?: number) {
  const asked: string[][] = [];
  const answers: { resolve(found: Map<string, number>): void; reject(error: unknown): void }[] = [];
  const read = inBatches<string, number>({
    most,
    load(keys) {
      asked.push([...keys]);
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { asked, answers, read, settled };
}

test('the first is read at once, and those that come meanwhile together, each key once', async () => {
  const { asked, answers, read, settled } = stage();
  const first = read('a');
  expect(asked).toEqual([['a']]);
  const rest = [read('b'), read('c'), read('b')];
  answers[0]!.resolve(new Map([['a', 1]]));
  expect(await first).toBe(1);
  await settled();
  expect(asked).toEqual([['a'], ['b', 'c']]);
  answers[1]!.resolve(new Map([['b', 2]]));
  expect(await Promise.all(rest)).toEqual([2, undefined, 2]);
});

test('a batch is not larger than it may be, and a fault is told to those whose batch it was', async () => {
  const { asked, answers, read, settled } = stage(2);
  const [first, ...rest] = ['a', 'b', 'c', 'd'].map((key) => read(key).catch((error: Error) => error.message));
  answers[0]!.resolve(new Map());
  await first;
  await settled();
  answers[1]!.reject(new Error('away'));
  expect(await Promise.all(rest.slice(0, 2))).toEqual(['away', 'away']);
  await settled();
  answers[2]!.resolve(new Map([['d', 4]]));
  expect(await rest[2]).toBe(4);
  expect(asked).toEqual([['a'], ['b', 'c'], ['d']]);
});
