import { expect, test } from 'bun:test';
import picocolors from 'picocolors';
import { renderTable } from './table.ts';
import { columnsOf } from './text.ts';

const colours = picocolors.createColors(false);
const columns = [
  { title: 'NAME', shrinksTo: 8 },
  { title: 'COST', align: 'right' as const },
  { title: 'CAN', shrinksTo: 6 },
];

test('columns are aligned, whatever the width of their letters', () => {
  const table = renderTable(
    columns,
    [
      ['a', '$1.00', 'x'],
      ['日本語', '$0', ''],
      ['é🙂', '$10.00', 'y'],
    ],
    { width: 80, colours },
  );
  expect(table.split('\n')).toEqual([
    'NAME      COST  CAN',
    'a        $1.00  x',
    '日本語      $0',
    'é🙂     $10.00  y',
  ]);
});

test('a table that is too wide is wrapped, and nothing of it is lost', () => {
  const row = ['openrouter/anthropic/claude-sonnet-5', '$12.50', 'tools vision documents reasoning'];
  const lines = renderTable(columns, [row], { width: 40, colours }).split('\n');
  for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(40);
  expect(lines.map((line) => line.split(/ {2,}/)[0]).join('')).toBe('NAMEopenrouter/anthropic/claude-sonnet-5');
  for (const word of row[2]!.split(' ')) expect(lines.join('\n')).toContain(word);
});

test('what comes from elsewhere can neither steer the terminal nor break the table', () => {
  const table = renderTable(columns, [['\x1b[2Jevil\nname', '$1', '']], { width: 80, colours });
  expect(table.split('\n')[1]).toBe('[2Jevil name    $1');
});
