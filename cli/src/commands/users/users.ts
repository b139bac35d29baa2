import { createClient } from '../../api/client.ts';
import { organisationId, organisationOption } from '../../api/find-object.ts';
import type { User } from '../../api/types.ts';
import { type CommandInput, defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { counted, printable } from '../../format/text.ts';
import { findRole } from '../roles/find-role.ts';
import { findUser } from './find-user.ts';

const columns: Column[] = [
  { title: 'ID' },
  { title: 'NAME', shrinksTo: 10 },
  { title: 'EMAIL', shrinksTo: 12 },
  { title: 'ROLE', shrinksTo: 8 },
  { title: 'STATUS', shrinksTo: 9 },
];
const options = { organisation: organisationOption };
const which = [{ name: 'user', required: true }] as const;

const list = defineCommand({
  name: 'list',
  summary: 'List the members of your organisation; the admin key sees everybody',
  options,
  async run({ options: { organisation }, output, connection }) {
    const client = createClient(connection());
    const asked = await organisationId(client, organisation);
    const rows = await client.list<User>('/api/v1/users', { organisationId: asked });
    output.print(rows, () =>
      rows.length === 0
        ? 'There is nobody yet. `sluice invitations create <email>` invites somebody.'
        : `${renderTable(columns, rows.map(rowOf), output)}\n\n${counted(rows.length, 'user')}`,
    );
  },
});

const changeRole = defineCommand({
  name: 'change',
  summary: 'Give a member another role',
  positionals: [...which, { name: 'role', required: true }],
  options,
  examples: ['sluice users change ada@example.com admin'],
  async run(input) {
    const client = createClient(input.connection());
    const role = await findRole(client, input.words[1] ?? '', input.options.organisation);
    await patch(input, { role: role.id }, (name) => `${name} is ${role.name} now.`);
  },
});

const suspend = defineCommand({
  name: 'suspend',
  summary: 'Refuse a member, their keys and their sessions, until they are reactivated',
  details:
    'Refuses a member, their keys and their sessions, until they are reactivated: in your organisation, in that of --organisation, or everywhere with the admin key and no --organisation.',
  positionals: which,
  options,
  run: (input) => patch(input, { status: 'suspended' }, (name) => `Suspended ${name}.`),
});

const reactivate = defineCommand({
  name: 'reactivate',
  summary: 'Let a member in again',
  positionals: which,
  options,
  run: (input) => patch(input, { status: 'active' }, (name) => `Reactivated ${name}.`),
});

const remove = defineCommand({
  name: 'remove',
  summary: 'Take a member out of the organisation; their keys there end',
  positionals: which,
  options,
  async run({ options: { organisation }, words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const { id, name } = await findUser(client, wanted, organisation);
    await client.delete(await pathOf(id, organisation, client));
    output.print({ id, name }, () => `Took ${output.colours.bold(printable(name))} (${id}) out.`);
  },
});

export const users = defineCommand({
  name: 'users',
  summary: 'List members, change their roles, suspend, reactivate and remove them',
  subcommands: [list, changeRole, suspend, reactivate, remove],
});

async function patch(
  { options: { organisation }, words: [wanted = ''], output, connection }: CommandInput<typeof options>,
  body: object,
  done: (name: string) => string,
): Promise<void> {
  const client = createClient(connection());
  const { id } = await findUser(client, wanted, organisation);
  const changed = await client.patch<User>(await pathOf(id, organisation, client), body);
  output.print(changed, () => done(output.colours.bold(printable(changed.name))));
}

async function pathOf(id: string, organisation: string | undefined, client: ReturnType<typeof createClient>) {
  const asked = await organisationId(client, organisation);
  return `/api/v1/users/${encodeURIComponent(id)}${asked === undefined ? '' : `?organisationId=${encodeURIComponent(asked)}`}`;
}

const rowOf = ({ id, name, email, operator, status, memberships }: User): string[] => [
  id,
  name,
  email,
  [...(operator ? ['operator'] : []), ...memberships.map(({ role }) => role)].join(' ') || '-',
  status === 'suspended' || memberships.some((each) => each.status === 'suspended') ? 'suspended' : 'active',
];
