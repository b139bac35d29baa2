import { judge, type Row } from './row.ts';

/** The rows as one aligned table of plain text, without a line break at its end. */
export function formatTable(rows: Row[]): string {
  const cells = [
    ['', 'measured', 'compared', 'target', 'result', ''],
    ...rows.map((row) => [
      row.name,
      measured(row),
      compared(row),
      target(row),
      judge(row),
      row.failure ?? row.detail ?? '',
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, column) =>
          column >= 1 && column <= 3 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function measured({ measured, unit, failure }: Row): string {
  if (failure !== undefined || measured === undefined) return '-';
  return `${measured.toFixed(unit === 'ms' ? 3 : 1)} ${unit}`;
}

function compared({ compared, failure }: Row): string {
  if (failure !== undefined || !compared) return '';
  const { value, unit } = compared;
  if (unit === 'x') return `${value.toFixed(2)}x`;
  return `${value < 0 ? '' : '+'}${value.toFixed(unit === 'ms' ? 3 : 1)} ${unit}`;
}

function target({ target }: Row): string {
  if (!target) return '';
  const limit = 'most' in target ? `<= ${target.most}` : `>= ${target.least}`;
  return target.unit === 'x' ? `${limit}x` : `${limit} ${target.unit}`;
}
