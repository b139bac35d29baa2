import { createClient } from '../../api/client.ts';
import type { Provider } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { testProviders } from './test.ts';

const columns: Column[] = [
  { title: 'PROVIDER', shrinksTo: 14 },
  { title: 'KIND' },
  { title: 'WHERE' },
  { title: 'MODELS', align: 'right' },
  { title: 'KEYS', shrinksTo: 10 },
  { title: 'WIRES', shrinksTo: 16 },
];

export const providers = defineCommand({
  name: 'providers',
  summary: 'List providers, test whether they work',
  details: 'Lists the providers of the server. Needs a key with the role admin.',
  subcommands: [testProviders],
  async run({ output, connection }) {
    const list = await createClient(connection()).list<Provider>('/api/v1/providers');
    output.print(list, () => renderTable(columns, list.map(rowOf), output));
  },
});

const rowOf = ({ id, kind, local, models, credentials, wires }: Provider): string[] => [
  id,
  kind,
  local ? 'local' : 'cloud',
  String(models),
  credentials.join(' ') || '-',
  wires.join(' '),
];
