import { ApiError } from '../../api/api-error.ts';
import { type Client, createClient } from '../../api/client.ts';
import type { Provider, ProviderTest } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { formatDuration } from '../../format/number.ts';
import { type Column, renderTable } from '../../format/table.ts';
import type { Colours } from '../../output.ts';
import { didYouMean } from '../../suggest.ts';

const columns: Column[] = [
  { title: 'PROVIDER', shrinksTo: 14 },
  { title: 'REACHED' },
  { title: 'KEY' },
  { title: 'MODELS', align: 'right' },
  { title: 'TIME', align: 'right' },
  { title: 'DETAIL', shrinksTo: 20 },
];

export const testProviders = defineCommand({
  name: 'test',
  summary: 'Ask one provider, or all, whether they answer and take the key',
  details:
    'Asks one provider, or all, for their models. The exit code is 1 when one fails. Needs a key with the role admin.',
  positionals: [{ name: 'id', required: false }],
  examples: ['sluice providers test', 'sluice providers test openai'],
  async run({ words: [id], output, connection }) {
    const client = createClient(connection());
    const ids =
      id === undefined ? (await client.list<Provider>('/api/v1/providers')).map((provider) => provider.id) : [id];
    const tests = await Promise.all(ids.map((each) => testOne(client, each)));
    output.print(tests, () => {
      const { colours } = output;
      return renderTable(columns, tests.map(rowOf), {
        ...output,
        styleRow: (line, row) => colourOf(tests[row]!, colours)(line),
      });
    });
    return tests.every(works) ? 0 : 1;
  },
});

async function testOne(client: Client, id: string): Promise<ProviderTest> {
  try {
    return await client.post<ProviderTest>(`/api/v1/providers/${encodeURIComponent(id)}/test`);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'not_found') throw error;
    const known = (await client.list<Provider>('/api/v1/providers')).map((provider) => provider.id);
    throw new ApiError(
      error.message,
      didYouMean(id, known) ?? `Providers: ${known.join(', ')}.`,
      error.status,
      error.code,
      error.param,
    );
  }
}

/** A key that cannot be checked (there is none to send) is no fault. */
const works = ({ reachable, keyValid }: ProviderTest): boolean => reachable && keyValid !== false;

const colourOf = (test: ProviderTest, { green, red }: Colours) => (works(test) ? green : red);

const rowOf = ({ id, reachable, keyValid, models, latencyMs, detail }: ProviderTest): string[] => [
  id,
  reachable ? 'yes' : 'no',
  keyValid === null ? '-' : keyValid ? 'valid' : 'refused',
  models === null ? '-' : String(models),
  formatDuration(latencyMs),
  detail,
];
