import { isFigure, judge, type Row } from './row.ts';

const columns = ['', 'CPU us', 'answers/s', 'added p50', 'added p99', 'memory', 'compared', 'target', 'result', ''];
const isRightAligned = (column: number) => column >= 1 && column <= 7;

/** The rows as one aligned table of plain text, without a line break at its end. */
export function formatTable(rows: Row[]): string {
  const lines = [columns, ...rows.map(cellsOf)];
  const widths = widthsOf(lines);
  return lines.map((line) => aligned(line, widths).join('  ').trimEnd()).join('\n');
}

/** The same as a table in Markdown. */
export function formatMarkdownTable(rows: Row[]): string {
  const lines = [columns, ...rows.map((row) => cellsOf(row).map((cell) => cell.replaceAll('|', '\\|')))];
  const widths = widthsOf(lines);
  const rule = widths.map((width, column) =>
    isRightAligned(column) ? `${'-'.repeat(Math.max(2, width - 1))}:` : '-'.repeat(Math.max(3, width)),
  );
  const [head, ...body] = lines.map((line) => aligned(line, widths));
  return [head!, rule, ...body].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function cellsOf(row: Row): string[] {
  const { name, cpuUs, perSecond, addedP50Ms, addedP99Ms, memoryMb, detail, failure } = row;
  if (failure !== undefined) return [name, '-', '', '', '', '', '', target(row), judge(row), failure];
  return [
    name,
    figure(cpuUs, 1),
    figure(perSecond, 0),
    signed(addedP50Ms, 'ms'),
    signed(addedP99Ms, 'ms'),
    figure(memoryMb, 0, ' MB'),
    compared(row),
    target(row),
    judge(row),
    detail ?? '',
  ];
}

function figure(value: number | undefined, digits: number, unit = ''): string {
  return isFigure(value) ? `${value.toFixed(digits)}${unit}` : '';
}

function signed(value: number | undefined, unit: string): string {
  if (!isFigure(value)) return '';
  return `${value < 0 ? '' : '+'}${value.toFixed(unit === 'ms' ? 2 : 1)} ${unit}`;
}

function compared({ compared }: Row): string {
  if (!compared || !isFigure(compared.value)) return '';
  return compared.unit === 'x' ? `${compared.value.toFixed(2)}x` : signed(compared.value, compared.unit);
}

function target({ target }: Row): string {
  if (!target) return '';
  const limit = 'most' in target ? `<= ${target.most}` : `>= ${target.least}`;
  return target.unit === 'x' ? `${limit}x` : `${limit} ${target.unit}`;
}

function widthsOf(lines: string[][]): number[] {
  return columns.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
}

function aligned(line: string[], widths: number[]): string[] {
  return line.map((cell, column) =>
    isRightAligned(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
  );
}
