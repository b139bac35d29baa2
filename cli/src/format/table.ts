import type { Colours } from '../output.ts';
import { columnsOf, printable, wrap } from './text.ts';

export interface Column {
  title: string;
  align?: 'left' | 'right';
  /** May be made this narrow, its cells wrapped, when the table is too wide. Absent: the column keeps its width. */
  shrinksTo?: number;
}

export interface TableOptions {
  width: number;
  colours: Colours;
  /** How a row looks, once it is laid out. */
  styleRow?(line: string, row: number): string;
}

const gap = '  ';

/** An aligned table with titles, no wider than `width` where the columns can shrink. Cells are made safe to print. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell).replace(/[\n\t]/g, ' ')));
  const widths = shrink(
    columns.map(({ title }, index) => Math.max(columnsOf(title), ...cells.map((row) => columnsOf(row[index] ?? '')))),
    columns,
    options.width,
  );
  const titles = layOut(
    columns.map(({ title }) => title),
    columns,
    widths,
  );
  const body = cells.map((row, index) => {
    const text = layOut(row, columns, widths);
    return options.styleRow
      ? text
          .split('\n')
          .map((line) => options.styleRow!(line, index))
          .join('\n')
      : text;
  });
  return [options.colours.dim(titles), ...body].join('\n');
}

/** Takes columns from the widest that may shrink until the table fits. */
function shrink(widths: number[], columns: readonly Column[], total: number): number[] {
  const result = [...widths];
  const used = () => result.reduce((sum, width) => sum + width, 0) + gap.length * (columns.length - 1);
  while (used() > total) {
    let widest = -1;
    for (const [index, { shrinksTo }] of columns.entries()) {
      if (shrinksTo !== undefined && result[index]! > shrinksTo && result[index]! > (result[widest] ?? 0))
        widest = index;
    }
    if (widest === -1) break;
    result[widest]!--;
  }
  return result;
}

function layOut(row: readonly string[], columns: readonly Column[], widths: readonly number[]): string {
  const wrapped = columns.map((_, index) => wrap(row[index] ?? '', widths[index]!).split('\n'));
  const height = Math.max(...wrapped.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ align = 'left' }, index) => {
        const text = wrapped[index]![line] ?? '';
        const space = ' '.repeat(Math.max(0, widths[index]! - columnsOf(text)));
        return align === 'right' ? space + text : text + space;
      })
      .join(gap)
      .trimEnd(),
  ).join('\n');
}
