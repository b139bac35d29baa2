import { expect, test } from 'bun:test';
import { createOutbox, type Delivery } from './outbox.ts';

function setUp(
  answers: (Delivery | 'throw')[],
  options: { capacity?: number; batch?: number; attempts?: number } = {},
) {
  const delivered: number[][] = [];
  const gone = { sent: 0, dropped: 0 };
  const outbox = createOutbox<number>({
    everyMs: () => 1,
    ...options,
    async deliver(items) {
      delivered.push(items);
      const answer = answers.shift() ?? 'sent';
      if (answer === 'throw') throw new Error('away');
      return answer;
    },
    onGone: (count, outcome) => {
      gone[outcome] += count;
    },
  });
  return { outbox, delivered, gone };
}

test('items leave together, in order, and what comes meanwhile leaves next', async () => {
  const { outbox, delivered, gone } = setUp([], { batch: 3 });
  for (const item of [1, 2]) outbox.add(item);
  await outbox.flush();
  for (const item of [3, 4, 5, 6]) outbox.add(item);
  await outbox.close();
  expect(delivered.flat()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(Math.max(...delivered.map(({ length }) => length))).toBe(3);
  expect(gone).toEqual({ sent: 6, dropped: 0 });
});

test('what does not fit is dropped and counted, and adding never fails', async () => {
  const { outbox, gone } = setUp([], { capacity: 2 });
  for (let item = 0; item < 5; item++) outbox.add(item);
  expect(gone.dropped).toBe(3);
  await outbox.close();
  expect(gone).toEqual({ sent: 2, dropped: 3 });
});

test('what may succeed later is tried again, thrown errors included; what is refused is not', async () => {
  const { outbox, delivered, gone } = setUp(['throw', 'sent', 'refused']);
  outbox.add(1);
  await outbox.flush();
  outbox.add(2);
  await outbox.flush();
  expect(delivered).toEqual([[1], [1], [2]]);
  expect(gone).toEqual({ sent: 1, dropped: 1 });
});

test('after its tries a batch is given up, and the next one has its chance', async () => {
  const { outbox, delivered, gone } = setUp(['later', 'later'], { attempts: 2 });
  outbox.add(1);
  await outbox.flush();
  outbox.add(2);
  await outbox.flush();
  expect(delivered).toEqual([[1], [1], [2]]);
  expect(gone).toEqual({ sent: 1, dropped: 1 });
});

test('a closed outbox takes nothing more, and says so', async () => {
  const { outbox, gone } = setUp([]);
  await outbox.close();
  outbox.add(1);
  expect(gone).toEqual({ sent: 0, dropped: 1 });
});

test('closing does not wait for ever for somebody who does not answer', async () => {
  const outbox = createOutbox<number>({ everyMs: () => 1, deliver: () => new Promise(() => {}) });
  outbox.add(1);
  await outbox.close();
});
