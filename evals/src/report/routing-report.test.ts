import { expect, test } from 'bun:test';
import { madeUpRows } from '../testing.ts';
import { printReport } from './print-report.ts';
import { routingReport } from './routing-report.ts';

test('on traffic whose words tell what a model can do, learned routing beats chance, length and the hand-made score', () => {
  const report = routingReport([...madeUpRows('one', 800, 1), ...madeUpRows('two', 800, 2)]);
  const [inDomain, unseen, few] = report.settings;
  for (const setting of [inDomain!, few!]) {
    const { learned, random, length, complexity } = setting.macro;
    // One of the pairs is all chance (0.5), and who knows the kind of a prompt reaches 0.75 at the other.
    expect(learned).toBeGreaterThan(0.58);
    for (const other of [random, length, complexity]) expect(other).toBeLessThan(0.56);
  }
  expect(unseen!.macro).not.toHaveProperty('learned');
  for (const { costs } of inDomain!.sources) {
    expect(costs).toMatchObject({ best: 'large-70b', cheapest: 'small-7b' });
    expect(costs!.routed.cost).toBeLessThan(0.85 * costs!.always.best.cost);
    expect(costs!.routed.quality).toBeGreaterThan(0.9 * costs!.always.best.quality);
    expect(costs!.oracle.quality).toBeGreaterThanOrEqual(costs!.routed.quality);
  }
  const printed = printReport(report);
  expect(printed).toContain('## in-domain');
  expect(printed).toContain('always best (large-70b)');
  expect(printed).not.toContain('NaN');
});
