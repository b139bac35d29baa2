import { readFileSync } from 'node:fs';
import { createClient } from '../../api/client.ts';
import type { Model } from '../../api/types.ts';
import { CliError, UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { formatCount, formatMoney } from '../../format/number.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { printable } from '../../format/text.ts';
import type { Output } from '../../output.ts';
import { type ExportedCall, type Policy, type Price, priceCalls, type Replayed, type Sum } from './price-calls.ts';

export const replay = defineCommand({
  name: 'replay',
  summary: 'What an export of the ledger would have cost otherwise',
  details:
    'Runs the calls of a JSON export through another policy: the same tokens at the list prices of other models. An export holds no prompts, so it says what a policy would have cost and not how good its answers had been.',
  positionals: [{ name: 'file', required: true }],
  options: {
    model: { type: 'string', short: 'm', value: 'model', summary: 'Every call to this model' },
    cheapest: { type: 'string', value: 'a,b,…', summary: 'Each call to whichever of these costs least' },
    share: {
      type: 'string',
      multiple: true,
      value: 'model=percent',
      summary: 'So many of a hundred calls to this model; the others stay where they were',
    },
  },
  examples: [
    'sluice usage export --format json --from 30d --out month.json',
    'sluice replay month.json -m openai/gpt-4o',
    'sluice replay month.json --share ollama/llama3.1:8b=70',
  ],
  async run({ words: [file = ''], options, output, connection }) {
    const calls = readExport(file);
    const known = await createClient(connection()).list<Model>('/api/v1/models');
    const prices = new Map(known.map(({ id, price }) => [id, price]));
    const priceOf = (model: string): Price | undefined => prices.get(model);
    const policy = policyOf(options, priceOf, prices);
    const replayed = priceCalls(calls, policy, priceOf);
    output.print(replayed, () => render(replayed, output));
  },
});

interface Wish {
  model?: string;
  cheapest?: string;
  share: string[];
}

function policyOf(
  { model, cheapest, share }: Wish,
  priceOf: (model: string) => Price | undefined,
  prices: ReadonlyMap<string, Price | undefined>,
): Policy {
  const given = [model, cheapest, share.length > 0 ? share : undefined].filter((each) => each !== undefined);
  if (given.length !== 1) throw new UsageError('Say one of --model, --cheapest and --share.');
  const check = (name: string): string => {
    if (!prices.has(name)) throw new UsageError(`There is no model \`${name}\` here.`, '`sluice models` lists them.');
    return name;
  };
  if (model !== undefined) {
    check(model);
    return () => model;
  }
  if (cheapest !== undefined) {
    const models = cheapest.split(',').map((name) => check(name.trim()));
    return (call) =>
      models.reduce((best, each) =>
        (costOf(call, priceOf(each)) ?? Infinity) < (costOf(call, priceOf(best)) ?? Infinity) ? each : best,
      );
  }
  const shares = share.map((each) => {
    const [, name = '', percent = ''] = /^(.+)=(\d+(?:\.\d+)?)$/.exec(each) ?? [];
    if (name === '')
      throw new UsageError(`\`--share ${each}\` is not a model and a percentage.`, 'For example: a/small=70');
    return { name: check(name), percent: Number(percent) };
  });
  if (shares.reduce((sum, { percent }) => sum + percent, 0) > 100)
    throw new UsageError('The shares are more than 100.');
  return (call) => {
    let place = placeOf(call.request_id);
    for (const { name, percent } of shares) {
      if (place < percent) return name;
      place -= percent;
    }
    return undefined;
  };
}

/** A number from 0 to 100 that is always the same for a call, and spread evenly over calls (FNV-1a). */
function placeOf(requestId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < requestId.length; at++) hash = Math.imul(hash ^ requestId.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100;
}

const costOf = (call: ExportedCall, price: Price | undefined): number | undefined =>
  price?.input === undefined || price.output === undefined
    ? undefined
    : (call.input_tokens + call.cache_read_tokens + call.cache_write_tokens) * price.input +
      call.output_tokens * price.output;

function readExport(file: string): ExportedCall[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new CliError(`The file ${file} cannot be read.`);
  }
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch {
    throw new CliError(`${file} is not JSON.`, 'Write it with `sluice usage export --format json --out <file>`.');
  }
  if (!Array.isArray(rows) || !rows.every(isCall))
    throw new CliError(
      `${file} is no export of calls.`,
      'Write it with `sluice usage export --format json --out <file>`.',
    );
  const calls = rows.filter(({ operation }) => operation === 'chat');
  if (calls.length === 0) throw new CliError(`${file} holds no chat calls.`);
  return calls;
}

function isCall(row: unknown): row is ExportedCall {
  const call = row as Partial<ExportedCall> | null;
  return (
    typeof call === 'object' &&
    call !== null &&
    typeof call.request_id === 'string' &&
    typeof call.at === 'string' &&
    typeof call.input_tokens === 'number' &&
    typeof call.output_tokens === 'number'
  );
}

const columns: Column[] = [
  { title: 'DAY' },
  ...['CALLS', 'WAS', 'WOULD BE', 'DIFFERENCE'].map((title): Column => ({ title, align: 'right' })),
];

function render({ total, days, models }: Replayed, { width, colours }: Output): string {
  const rows = [...days, ['total', total] as [string, Sum]].map(([day, sum]) => [
    day,
    formatCount(sum.calls),
    formatMoney(usd(sum.wasNanos)),
    formatMoney(usd(sum.wouldNanos)),
    differenceOf(sum),
  ]);
  const table = renderTable(columns, rows, {
    width,
    colours,
    styleRow: (line, row) => (row === days.length ? colours.bold(line) : line),
  });
  return [
    table,
    '',
    ...models.map(([model, calls]) => `${formatCount(calls)} calls to ${printable(model)}`),
    ...(total.unpriced > 0 ? [`${formatCount(total.unpriced)} calls are left out: a price is unknown.`] : []),
  ].join('\n');
}

const usd = (nanos: number): number => nanos / 1e9;

function differenceOf({ wasNanos, wouldNanos }: Sum): string {
  if (wasNanos === 0) return '–';
  const percent = Math.round((100 * (wouldNanos - wasNanos)) / wasNanos);
  return `${percent > 0 ? '+' : ''}${percent} %`;
}
