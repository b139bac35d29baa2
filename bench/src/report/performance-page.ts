import type { BenchDocument } from './document.ts';
import { machineLine } from './machine.ts';
import { judge } from './row.ts';
import { formatMarkdownTable } from './table.ts';

const begin = '<!-- bench: begin -->';
const end = '<!-- bench: end -->';

/** The page with the run's table between its two marks; throws an Error when the page has not both of them. */
export function withResult(page: string, document: BenchDocument): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no place for the table between ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${formatResult(document)}\n\n${page.slice(to)}`;
}

/** What was measured when and on what, the table, and in a sentence which targets were met. */
export function formatResult(document: BenchDocument): string {
  const { date, commit, machine, settings, seconds, rows } = document;
  const kind = settings.quick ? 'A quick run, whose figures are coarse' : 'A full run';
  return [
    `${kind}, of ${date.slice(0, 10)} at commit \`${commit}\`, which took ${(seconds / 60).toFixed(1)} minutes.`,
    `${machineLine(machine)}.`,
    ...(machine.loadBefore > quietLoad ? ['The machine had other work: these figures are not to be relied on.'] : []),
    '',
    formatMarkdownTable(rows),
    '',
    verdictLine(document),
  ].join('\n');
}

/** A load average above which the figures of a run say more about what else went on. */
const quietLoad = 0.5;

function verdictLine({ rows }: BenchDocument): string {
  const named = (verdict: string) => rows.filter((row) => judge(row) === verdict).map((row) => row.name);
  const [met, missed, absent] = [named('pass'), named('FAIL'), named('NOT MEASURED')];
  return [
    `${met.length} of ${met.length + missed.length + absent.length} targets are met.`,
    ...(missed.length > 0 ? [`Missed: ${missed.join('; ')}.`] : []),
    ...(absent.length > 0 ? [`Not measured: ${absent.join('; ')}.`] : []),
  ].join(' ');
}
