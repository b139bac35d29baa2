import { createClient } from '../../api/client.ts';
import { findObject, organisationId, organisationOption } from '../../api/find-object.ts';
import type { CreatedInvitation, Invitation } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { printable } from '../../format/text.ts';
import { formatDistance, formatTime, readTime } from '../../format/time.ts';
import { findRole } from '../roles/find-role.ts';
import { findTeam } from '../teams/find-team.ts';

const columns: Column[] = [
  { title: 'ID' },
  { title: 'EMAIL', shrinksTo: 14 },
  { title: 'ROLE', shrinksTo: 8 },
  { title: 'STATE', shrinksTo: 10 },
];
const options = { organisation: organisationOption };

const list = defineCommand({
  name: 'list',
  summary: 'List invitations, newest first',
  options,
  async run({ options: { organisation }, output, connection }) {
    const client = createClient(connection());
    const asked = await organisationId(client, organisation);
    const rows = await client.list<Invitation>('/api/v1/invitations', { organisationId: asked });
    const nowMs = Date.now();
    output.print(rows, () =>
      rows.length === 0
        ? 'There are no invitations. `sluice invitations create <email>` makes one.'
        : renderTable(
            columns,
            rows.map((row) => [row.id, row.email, row.role, stateOf(row, nowMs)]),
            output,
          ),
    );
  },
});

const create = defineCommand({
  name: 'create',
  summary: 'Invite somebody and show the token, this once',
  positionals: [{ name: 'email', required: true }],
  options: {
    ...options,
    role: { type: 'string', value: 'role', summary: 'Their role, by name or id (default: member)' },
    team: {
      type: 'string',
      multiple: true,
      value: 'team',
      summary: 'A team they will be in, several times for several',
    },
    expires: {
      type: 'string',
      value: 'when',
      summary: 'The last day, a time, or a distance (default: 7d, at most 90d)',
    },
  },
  examples: ['sluice invitations create ada@example.com --role admin --team research'],
  async run({ options: { organisation, role, team, expires }, words: [email], output, connection }) {
    const client = createClient(connection());
    const teams = await Promise.all(team.map((wanted) => findTeam(client, wanted, organisation)));
    const made = await client.post<CreatedInvitation>('/api/v1/invitations', {
      email,
      ...(role !== undefined && { role: (await findRole(client, role, organisation)).id }),
      teamIds: teams.map(({ id }) => id),
      organisationId: await organisationId(client, organisation),
      ...(expires !== undefined && {
        expiresAt: readTime(expires, { option: '--expires', nowMs: Date.now(), direction: 'ahead', edge: 'end' }),
      }),
    });
    output.print(made, () =>
      [
        `Invited ${output.colours.bold(printable(made.email))} (${made.id})`,
        '',
        `  ${output.colours.green(made.token)}`,
        '',
        `Role     ${printable(made.role)}`,
        `Expires  ${formatTime(made.expiresAt)}`,
        '',
        'Send it to them: they sign up or log in with it. It cannot be shown again.',
      ].join('\n'),
    );
  },
});

const revoke = defineCommand({
  name: 'revoke',
  summary: 'Withdraw an invitation that nobody took',
  positionals: [{ name: 'id or email', required: true }],
  options,
  async run({ options: { organisation }, words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const asked = await organisationId(client, organisation);
    const all = await client.list<Invitation>('/api/v1/invitations', { organisationId: asked });
    const open = all.filter(({ acceptedAt, revokedAt }) => acceptedAt === null && revokedAt === null);
    const { id, email } = findObject(
      'invitation',
      open.map((row) => ({ ...row, name: row.email })),
      wanted,
    );
    const revoked = await client.delete<Invitation>(`/api/v1/invitations/${encodeURIComponent(id)}`);
    output.print(revoked, () => `Withdrew the invitation of ${output.colours.bold(printable(email))} (${id}).`);
  },
});

export const invitations = defineCommand({
  name: 'invitations',
  summary: 'Invite people, list and withdraw invitations',
  subcommands: [list, create, revoke],
});

function stateOf({ acceptedAt, revokedAt, expiresAt }: Invitation, nowMs: number): string {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'withdrawn';
  return Date.parse(expiresAt) <= nowMs ? 'expired' : `${formatDistance(expiresAt, nowMs)} left`;
}
