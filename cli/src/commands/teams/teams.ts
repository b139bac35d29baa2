import { createClient } from '../../api/client.ts';
import { organisationId, organisationOption } from '../../api/find-object.ts';
import type { Team } from '../../api/types.ts';
import { UsageError } from '../../cli-error.ts';
import { type CommandInput, defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { printable } from '../../format/text.ts';
import { findTeam, teamPath } from './find-team.ts';
import { addMember, listMembers, removeMember } from './members.ts';

const columns: Column[] = [
  { title: 'ID' },
  { title: 'NAME', shrinksTo: 12 },
  { title: 'STATUS' },
  { title: 'MAY AT MOST', shrinksTo: 16 },
];
const options = { organisation: organisationOption };
const which = [{ name: 'team', required: true }] as const;
const permission = {
  type: 'string',
  short: 'p',
  multiple: true,
  value: 'permission',
  summary: 'What its keys may do at most, several times for several (default: what their roles allow)',
} as const;

const list = defineCommand({
  name: 'list',
  summary: 'List teams, by name',
  options,
  async run({ options: { organisation }, output, connection }) {
    const client = createClient(connection());
    const asked = await organisationId(client, organisation);
    const rows = await client.list<Team>('/api/v1/teams', { organisationId: asked });
    output.print(rows, () =>
      rows.length === 0
        ? 'There are no teams yet. `sluice teams create <name>` makes one.'
        : renderTable(
            columns,
            rows.map(({ id, name, status, permissions }) => [id, name, status, permissions?.join(' ') ?? 'anything']),
            output,
          ),
    );
  },
});

const create = defineCommand({
  name: 'create',
  summary: 'Make a team',
  positionals: [{ name: 'name', required: true }],
  options: { ...options, permission },
  examples: ['sluice teams create research', 'sluice teams create bots -p models:use'],
  async run({ options: { organisation, permission: permissions }, words: [name], output, connection }) {
    const client = createClient(connection());
    const made = await client.post<Team>('/api/v1/teams', {
      name,
      organisationId: await organisationId(client, organisation),
      ...(permissions.length > 0 && { permissions }),
    });
    output.print(made, () => `Made ${output.colours.bold(printable(made.name))} (${made.id}).`);
  },
});

const change = defineCommand({
  name: 'change',
  summary: 'Rename a team, or change what its keys may do at most',
  positionals: which,
  options: {
    ...options,
    name: { type: 'string', value: 'name', summary: 'Its new name' },
    permission,
    unlimited: { type: 'boolean', summary: 'Its keys may do whatever their roles allow' },
  },
  async run(input) {
    const { name, permission: permissions, unlimited } = input.options;
    if (unlimited && permissions.length > 0) throw new UsageError('Give --permission or --unlimited, not both.');
    if (name === undefined && !unlimited && permissions.length === 0)
      throw new UsageError('Give --name, --permission or --unlimited.');
    const limit = unlimited ? { permissions: null } : permissions.length > 0 ? { permissions } : {};
    await patch(input, { name, ...limit }, 'Changed');
  },
});

const suspend = defineCommand({
  name: 'suspend',
  summary: 'Refuse the keys of a team, until it is reactivated',
  positionals: which,
  options,
  run: (input) => patch(input, { status: 'suspended' }, 'Suspended'),
});

const reactivate = defineCommand({
  name: 'reactivate',
  summary: 'Let the keys of a team in again',
  positionals: which,
  options,
  run: (input) => patch(input, { status: 'active' }, 'Reactivated'),
});

const remove = defineCommand({
  name: 'remove',
  summary: 'Remove a team; its keys end',
  positionals: which,
  options,
  async run({ options: { organisation }, words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const { id, name } = await findTeam(client, wanted, organisation);
    await client.delete(teamPath(id));
    output.print({ id, name }, () => `Removed ${output.colours.bold(printable(name))} (${id}).`);
  },
});

export const teams = defineCommand({
  name: 'teams',
  summary: 'Make, list, change and remove teams, and say who is in them',
  subcommands: [list, create, change, suspend, reactivate, remove, listMembers, addMember, removeMember],
});

async function patch(
  { options: { organisation }, words: [wanted = ''], output, connection }: CommandInput<typeof options>,
  body: object,
  done: string,
): Promise<void> {
  const client = createClient(connection());
  const { id } = await findTeam(client, wanted, organisation);
  const changed = await client.patch<Team>(teamPath(id), body);
  output.print(changed, () => `${done} ${output.colours.bold(printable(changed.name))} (${id}).`);
}
