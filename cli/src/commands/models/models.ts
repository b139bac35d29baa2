import { createClient } from '../../api/client.ts';
import { listModels } from '../../api/models.ts';
import type { Model } from '../../api/types.ts';
import { CliError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { formatCount, formatPrice } from '../../format/number.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { counted } from '../../format/text.ts';
import { didYouMean } from '../../suggest.ts';
import { refreshModels } from './refresh.ts';

const columns: Column[] = [
  { title: 'MODEL', shrinksTo: 28 },
  { title: 'WINDOW', align: 'right' },
  { title: '$ IN', align: 'right' },
  { title: '$ OUT', align: 'right' },
  { title: 'CAN', shrinksTo: 18 },
];

export const models = defineCommand({
  name: 'models',
  summary: 'List and search models; refresh the catalogue',
  details: 'Lists the models that the key may use, with context window, list price and capabilities.',
  positionals: [{ name: 'text', required: false, rest: true }],
  options: { provider: { type: 'string', value: 'id', summary: 'Only the models of this provider' } },
  examples: ['sluice models', 'sluice models vision small', 'sluice models --provider openai --json'],
  subcommands: [refreshModels],
  async run({ options: { provider }, words, output, connection }) {
    const all = await listModels(createClient(connection()));
    if (provider !== undefined) requireProvider(provider, all);
    const found = all.filter(
      (model) => (provider === undefined || model.provider === provider) && matches(model, words),
    );
    if (found.length === 0 && all.length > 0) output.note(`None of ${counted(all.length, 'model')} matches.`);
    if (all.length === 0) output.note('There are no models that this key may use.');
    if (found.length === 0 && !output.json) return;
    output.print(found, () => {
      const table = renderTable(columns, found.map(rowOf), output);
      const unknown = found.some(({ price }) => price?.input === undefined) ? '; ? is unknown' : '';
      return `${table}\n\n${counted(found.length, 'model')}; prices in US dollars per million tokens${unknown}`;
    });
  },
});

function requireProvider(provider: string, all: readonly Model[]): void {
  const known = [...new Set(all.map((model) => model.provider))];
  if (known.includes(provider)) return;
  throw new CliError(
    `No model is served by ${JSON.stringify(provider)}.`,
    didYouMean(provider, known) ?? `Providers: ${known.join(', ')}.`,
  );
}

/** Every word stands somewhere in the names or the capabilities. */
function matches({ id, name = '', upstream = '', capabilities = [] }: Model, words: readonly string[]): boolean {
  const text = [id, name, upstream, ...capabilities].join(' ').toLowerCase();
  return words.every((word) => text.includes(word.toLowerCase()));
}

const rowOf = ({ id, context, price, capabilities = [] }: Model): string[] => [
  id,
  context === undefined ? '?' : formatCount(context),
  formatPrice(price?.input),
  formatPrice(price?.output),
  // Nearly every model takes a temperature: in a table that says nothing.
  capabilities.filter((capability) => capability !== 'temperature').join(' '),
];
