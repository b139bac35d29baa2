import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createClient } from '../api/client.ts';
import { UsageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { readTime } from '../format/time.ts';

const formats = ['csv', 'json', 'parquet'];

export const exportUsage = defineCommand({
  name: 'export',
  summary: 'The calls as a file: CSV, JSON or Parquet',
  details:
    'Writes a row a call, oldest first, with its cost in exact US dollars. The rows of a period sum up to what `sluice usage` says of it.',
  options: {
    format: { type: 'string', value: 'format', summary: '`csv` (the default), `json` or `parquet`' },
    out: { type: 'string', value: 'file', summary: 'Where to write it (default: to stdout)' },
    from: { type: 'string', value: 'when', summary: 'The first day, a time, or how long ago' },
    to: { type: 'string', value: 'when', summary: 'The last day, a time, or how long ago' },
    model: { type: 'string', value: 'model', summary: 'The calls of one model only' },
  },
  examples: [
    'sluice usage export --from 2026-12-01 --to 2026-12-31 --out december.csv',
    'sluice usage export --format parquet --out calls.parquet',
  ],
  async run({ options: { format = 'csv', out, from, to, model }, output, connection }) {
    if (!formats.includes(format))
      throw new UsageError(`There is no format \`${format}\`.`, `Formats: ${formats.join(', ')}.`);
    const reading = { nowMs: Date.now(), direction: 'ago' } as const;
    const file = await createClient(connection()).download('/api/v1/usage/export', {
      format,
      model,
      from: from === undefined ? undefined : readTime(from, { ...reading, option: '--from', edge: 'start' }),
      to: to === undefined ? undefined : readTime(to, { ...reading, option: '--to', edge: 'end' }),
    });
    if (out === undefined) await pipeline(Readable.from(file), process.stdout, { end: false });
    else {
      await pipeline(Readable.from(file), createWriteStream(out));
      output.note(`Wrote ${out}.`);
    }
  },
});
