import { createClient } from '../../api/client.ts';
import { findOrganisation } from '../../api/find-object.ts';
import type { Organisation } from '../../api/types.ts';
import { UsageError } from '../../cli-error.ts';
import { type CommandInput, defineCommand, type OptionSpecs } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { printable } from '../../format/text.ts';

const columns: Column[] = [
  { title: 'ID' },
  { title: 'NAME', shrinksTo: 12 },
  { title: 'SHORT NAME', shrinksTo: 12 },
  { title: 'STATUS' },
  { title: 'YOUR ROLE', shrinksTo: 9 },
];

const which = [{ name: 'organisation', required: true }] as const;

const list = defineCommand({
  name: 'list',
  summary: 'List your organisations; the admin key sees all',
  async run({ output, connection }) {
    const rows = await createClient(connection()).list<Organisation>('/api/v1/organisations');
    output.print(rows, () =>
      renderTable(
        columns,
        rows.map(({ id, name, slug, status, role }) => [id, name, slug, status, role ?? '-']),
        output,
      ),
    );
  },
});

const create = defineCommand({
  name: 'create',
  summary: 'Make an organisation (needs the admin key)',
  positionals: [{ name: 'name', required: true }],
  options: {
    slug: { type: 'string', value: 'short name', summary: 'Small letters, digits, hyphens (default: made up)' },
  },
  examples: ['sluice organisations create "Acme Ltd" --slug acme'],
  async run({ options: { slug }, words: [name], output, connection }) {
    const made = await createClient(connection()).post<Organisation>('/api/v1/organisations', { name, slug });
    output.print(
      made,
      () => `Made ${output.colours.bold(printable(made.name))} (${made.id}, short name ${made.slug}).`,
    );
  },
});

const change = defineCommand({
  name: 'change',
  summary: 'Rename an organisation',
  positionals: which,
  options: {
    name: { type: 'string', value: 'name', summary: 'Its new name' },
    slug: { type: 'string', value: 'short name', summary: 'Its new short name' },
  },
  async run(input) {
    const { name, slug } = input.options;
    if (name === undefined && slug === undefined) throw new UsageError('Give --name, --slug or both.');
    await patch(input, { name, slug }, 'Changed');
  },
});

const suspend = defineCommand({
  name: 'suspend',
  summary: 'Refuse all keys and members of an organisation, until it is reactivated',
  positionals: which,
  run: (input) => patch(input, { status: 'suspended' }, 'Suspended'),
});

const reactivate = defineCommand({
  name: 'reactivate',
  summary: 'Let an organisation in again (needs the admin key)',
  positionals: which,
  run: (input) => patch(input, { status: 'active' }, 'Reactivated'),
});

export const organisations = defineCommand({
  name: 'organisations',
  summary: 'Make, list, rename, suspend and reactivate organisations',
  subcommands: [list, create, change, suspend, reactivate],
});

async function patch<Options extends OptionSpecs>(
  { words: [wanted = ''], output, connection }: CommandInput<Options>,
  body: object,
  done: string,
): Promise<void> {
  const client = createClient(connection());
  const { id } = await findOrganisation(client, wanted);
  const changed = await client.patch<Organisation>(`/api/v1/organisations/${encodeURIComponent(id)}`, body);
  output.print(changed, () => `${done} ${output.colours.bold(printable(changed.name))} (${id}).`);
}
