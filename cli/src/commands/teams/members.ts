import { createClient } from '../../api/client.ts';
import { organisationOption } from '../../api/find-object.ts';
import type { TeamMember } from '../../api/types.ts';
import { type CommandInput, defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { printable } from '../../format/text.ts';
import { findUser } from '../users/find-user.ts';
import { findTeam, teamPath } from './find-team.ts';

const columns: Column[] = [
  { title: 'ID' },
  { title: 'NAME', shrinksTo: 12 },
  { title: 'EMAIL', shrinksTo: 16 },
  { title: 'ROLE' },
];
const options = { organisation: organisationOption };
const positionals = [
  { name: 'team', required: true },
  { name: 'user', required: true },
] as const;

export const listMembers = defineCommand({
  name: 'members',
  summary: 'Say who is in a team',
  positionals: [{ name: 'team', required: true }],
  options,
  async run({ options: { organisation }, words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const { id, name } = await findTeam(client, wanted, organisation);
    const members = await client.list<TeamMember>(`${teamPath(id)}/members`);
    output.print(members, () =>
      members.length === 0
        ? `Nobody is in ${printable(name)} yet.`
        : renderTable(
            columns,
            members.map((member) => [member.id, member.name, member.email, member.role]),
            output,
          ),
    );
  },
});

export const addMember = defineCommand({
  name: 'add',
  summary: 'Put a member of the organisation into a team',
  positionals,
  options,
  examples: ['sluice teams add research ada@example.com'],
  run: (input) => change(input, 'put'),
});

export const removeMember = defineCommand({
  name: 'take-out',
  summary: 'Take somebody out of a team; the keys they had for it end',
  positionals,
  options,
  run: (input) => change(input, 'delete'),
});

async function change(
  { options: { organisation }, words: [team = '', user = ''], output, connection }: CommandInput<typeof options>,
  method: 'put' | 'delete',
): Promise<void> {
  const client = createClient(connection());
  const { id, name } = await findTeam(client, team, organisation);
  const person = await findUser(client, user, organisation);
  await client[method](`${teamPath(id)}/members/${encodeURIComponent(person.id)}`);
  const done = method === 'put' ? 'is in' : 'is no longer in';
  output.print({ teamId: id, userId: person.id }, () => `${printable(person.name)} ${done} ${printable(name)}.`);
}
