import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createClient } from '../../api/client.ts';
import { defineCommand } from '../../command.ts';
import { counted } from '../../format/text.ts';
import { readTime } from '../../format/time.ts';
import { findKey } from '../keys/find-key.ts';
import { type CallQuery, callPages, type ExportedCall } from './call-pages.ts';
import { toTask } from './to-task.ts';

export const exportTasks = defineCommand({
  name: 'export',
  summary: 'The calls as tasks that `task import` reads',
  details: [
    'Writes a finished task a call: when, for which key, which model, what it cost. No prompts: the ledger has none. A call has',
    'the same task each time, so that importing again changes nothing that is there and adds what is new.',
  ].join('\n'),
  options: {
    since: { type: 'string', value: 'when', summary: 'The first day, a time, or how long ago' },
    until: { type: 'string', value: 'when', summary: 'The last day, a time, or how long ago' },
    model: { type: 'string', value: 'model', summary: 'The calls of one model only' },
    provider: { type: 'string', value: 'provider', summary: 'The calls of one provider only' },
    of: { type: 'string', value: 'key', summary: 'The calls of one key only: its id or name' },
    project: { type: 'string', value: 'name', summary: 'The project above that of each key (default: sluice)' },
    out: { type: 'string', value: 'file', summary: 'Where to write it (default: to stdout)' },
  },
  examples: ['sluice tasks export --since 7d | task import -', 'sluice tasks export --of laptop --out tasks.json'],
  async run({ options: { since, until, model, provider, of, project = 'sluice', out }, output, connection }) {
    const client = createClient(connection());
    const reading = { nowMs: Date.now(), direction: 'ago' } as const;
    const query: CallQuery = {
      model,
      provider,
      key: of === undefined ? undefined : (await findKey(client, of)).id,
      from: since === undefined ? undefined : readTime(since, { ...reading, option: '--since', edge: 'start' }),
      // Calls that end while this is written are those of the next export.
      to: readTime(until ?? new Date(reading.nowMs).toISOString(), { ...reading, option: '--until', edge: 'end' }),
    };
    let tasks = 0;
    const lines = async function* () {
      for await (const page of callPages(client, query)) {
        yield page.map((call) => lineOf(call, project, tasks++)).join('');
      }
      yield tasks === 0 ? '[]\n' : '\n]\n';
    };
    const target = out === undefined ? process.stdout : createWriteStream(out);
    await pipeline(Readable.from(lines()), target, { end: out !== undefined });
    if (out !== undefined) output.note(`Wrote ${counted(tasks, 'task')} to ${out}.`);
  },
});

const lineOf = (call: ExportedCall, project: string, index: number): string =>
  `${index === 0 ? '[\n' : ',\n'}${JSON.stringify(toTask(call, project))}`;
