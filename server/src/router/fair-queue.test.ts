import { expect, test } from 'bun:test';
import { seededRandom } from '../../test/conformance/seeded-random.ts';
import { FairQueue, type Waiter } from './fair-queue.ts';

interface Named extends Waiter {
  name: string;
}

let made = 0;
const of = (flow: string): Named => ({ flow, tag: 0, name: `${flow}${++made}` });
const flowsOf = (queue: FairQueue<Named>, count: number): string =>
  Array.from({ length: count }, () => queue.take()?.flow ?? '-').join('');

test('a flood of one key leaves the next turn but one to whoever else comes', () => {
  const queue = new FairQueue<Named>();
  for (let call = 0; call < 1000; call++) queue.join(of('a'), 5000);
  expect(flowsOf(queue, 10)).toBe('aaaaaaaaaa');
  queue.join(of('b'), 5000);
  expect(flowsOf(queue, 3)).toContain('b');
});

test('who comes back for every turn takes turns, and does not push others out', () => {
  const queue = new FairQueue<Named>();
  for (let call = 0; call < 50; call++) queue.join(of('a'), 100);
  let order = '';
  queue.join(of('b'), 100);
  for (let turn = 0; turn < 20; turn++) {
    const { flow } = queue.take()!;
    order += flow;
    if (flow === 'b') queue.join(of('b'), 100);
  }
  expect(order.split('a').length - 1).toBe(10);
  expect(order).not.toMatch(/aaa|bbb/);
});

test('flows that always have somebody waiting are served alike, within one turn, however much each sends', () => {
  const random = seededRandom(7);
  const queue = new FairQueue<Named>();
  const flows = ['a', 'b', 'c', 'd'];
  const served = new Map(flows.map((flow) => [flow, 0]));
  const waiting = new Map(flows.map((flow) => [flow, 0]));
  const join = (flow: string) => {
    queue.join(of(flow), 100_000);
    waiting.set(flow, waiting.get(flow)! + 1);
  };
  for (const flow of flows) join(flow);
  for (let turn = 0; turn < 2000; turn++) {
    // One sends a hundred times what the others do.
    for (let more = 0; more < 3; more++) join(random() < 0.97 ? 'a' : flows[Math.floor(random() * 4)]!);
    for (const flow of flows) if (waiting.get(flow) === 0) join(flow);
    const { flow } = queue.take()!;
    served.set(flow, served.get(flow)! + 1);
    waiting.set(flow, waiting.get(flow)! - 1);
    const counts = [...served.values()];
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
});

test('a full line puts out the last of the longest flow, so a flood keeps nobody else out', () => {
  const queue = new FairQueue<Named>();
  const flood = Array.from({ length: 10 }, () => of('a'));
  for (const each of flood) expect(queue.join(each, 10)).toBeUndefined();
  const more = of('a');
  expect(queue.join(more, 10)).toBe(more);
  const other = of('b');
  expect(queue.join(other, 10)).toBe(flood[9]);
  expect(queue.length).toBe(10);
  expect(flowsOf(queue, 11)).toBe('abaaaaaaaa-');
});

test('who leaves is not called, and who joins again stands where it stood', () => {
  const queue = new FairQueue<Named>();
  const [first, second, third] = [of('a'), of('a'), of('a')];
  for (const each of [first, second, third]) queue.join(each, 10);
  queue.leave(second);
  queue.leave(second);
  expect(queue.take()).toBe(first);
  queue.join(first, 10, true);
  expect([queue.take(), queue.take(), queue.take()]).toEqual([first, third, undefined]);
});
