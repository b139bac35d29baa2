import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError, UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';

/** The catalogue belongs to the server and has no address over HTTP, so its own program rewrites it. */
const refreshProgram = fileURLToPath(new URL('../../../../server/src/catalog/refresh.ts', import.meta.url));

export interface RefreshSummary {
  added: string[];
  removed: string[];
  changed: { model: string; fields: string[] }[];
  leftOut: { model: string; reason: string }[];
  unchanged: number;
}

export const refreshModels = defineCommand({
  name: 'refresh',
  summary: 'Rewrite the catalogue of this installation from a file',
  details:
    'Rewrites the catalogue of models and prices that this installation ships with, and says what changed. A server takes it up when it is started again. No server is asked.',
  options: {
    from: {
      type: 'string',
      value: 'file',
      summary: 'A JSON array of models; docs/reference/catalogue.md has the form',
    },
    date: { type: 'string', value: 'date', summary: 'As of when the facts are true (2026-07-02)' },
    commit: { type: 'string', value: 'hash', summary: 'The commit of the source' },
  },
  examples: ['sluice models refresh --from models.json --date 2026-07-02'],
  async run({ options: { from, date, commit }, output, environment }) {
    if (from === undefined) throw new UsageError('`--from <file>` is missing.');
    if (!existsSync(from)) throw new CliError(`There is no file ${from}.`);
    if (!existsSync(refreshProgram))
      throw new CliError(
        'The catalogue is in the executable, and cannot be rewritten there.',
        'Refresh it in a checkout and build the executable again, or state models and prices in sluice.yaml.',
      );
    const stamp = [
      ...(date === undefined ? [] : ['--date', date]),
      ...(commit === undefined ? [] : ['--commit', commit]),
    ];
    const { code, said, complaint } = await runProgram([refreshProgram, from, ...stamp], environment);
    if (code !== 0)
      throw code === 2
        ? new UsageError('`--date` takes a date, 2026-07-02.')
        : new CliError(complaint.trim() || 'The catalogue could not be refreshed.');
    output.print(readSummary(said), () => said.trimEnd());
    output.note('A server that is running takes it up when it is started again.');
  },
});

function runProgram(
  args: string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ code: number | null; said: string; complaint: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said, complaint }));
  });
}

/** The lines that the program prints, as data. */
function readSummary(text: string): RefreshSummary {
  const summary: RefreshSummary = { added: [], removed: [], changed: [], leftOut: [], unchanged: 0 };
  for (const line of text.split('\n')) {
    const [, verb, model = '', rest = ''] = /^(left out|added|changed|removed) +(\S+?)(?:: (.*))?$/.exec(line) ?? [];
    if (verb === 'added') summary.added.push(model);
    else if (verb === 'removed') summary.removed.push(model);
    else if (verb === 'changed') summary.changed.push({ model, fields: rest.split(', ') });
    else if (verb === 'left out') summary.leftOut.push({ model, reason: rest });
    else summary.unchanged = Number(/(\d+) unchanged$/.exec(line)?.[1] ?? summary.unchanged);
  }
  return summary;
}
