import { expect, test } from 'bun:test';
import { drawChart } from './draw-chart.ts';

test('a chart has its words escaped, a line for a series, a dot for a mark, and every point within its frame', () => {
  const svg = drawChart({
    title: 'a < b & "c"',
    x: 'cost',
    y: 'quality',
    logX: true,
    series: [
      {
        name: 'routed',
        points: [
          { x: 0.001, y: 0 },
          { x: 10, y: 1 },
          { x: 0, y: 0.5 },
        ],
      },
      { name: 'one', points: [{ x: 1, y: 0.5 }], marks: true },
    ],
  });
  expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
  const [, points] = /<polyline points="([^"]+)"/.exec(svg)!;
  const places = points!.split(' ').map((place) => place.split(',').map(Number));
  // A cost of nothing has no place on a scale of decades.
  expect(places).toHaveLength(2);
  for (const [left, top] of places) {
    expect(left).toBeWithin(62, 539);
    expect(top).toBeWithin(40, 369);
  }
  expect(svg.match(/<circle/g)).toHaveLength(2);
  expect(svg).not.toContain('NaN');
});
