import { createClient } from '../../api/client.ts';
import { organisationId, organisationOption } from '../../api/find-object.ts';
import type { Role } from '../../api/types.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { printable } from '../../format/text.ts';
import { findRole } from './find-role.ts';

const columns: Column[] = [{ title: 'ID' }, { title: 'NAME', shrinksTo: 10 }, { title: 'MAY', shrinksTo: 20 }];
const options = { organisation: organisationOption };
const which = [{ name: 'role', required: true }] as const;
const permission = {
  type: 'string',
  short: 'p',
  multiple: true,
  value: 'permission',
  summary: 'What it allows, several times for several',
} as const;

const list = defineCommand({
  name: 'list',
  summary: 'List roles and what they allow',
  options,
  async run({ options: { organisation }, output, connection }) {
    const client = createClient(connection());
    const asked = await organisationId(client, organisation);
    const rows = await client.list<Role>('/api/v1/roles', { organisationId: asked });
    output.print(rows, () =>
      renderTable(
        columns,
        rows.map(({ id, name, permissions }) => [id, name, permissions.join(' ') || 'nothing']),
        output,
      ),
    );
  },
});

const create = defineCommand({
  name: 'create',
  summary: 'Make a role, which may allow no more than you may do yourself',
  positionals: [{ name: 'name', required: true }],
  options: { ...options, permission },
  examples: ['sluice roles create bookkeeper -p usage:read -p budgets:read'],
  async run({ options: { organisation, permission: permissions }, words: [name], output, connection }) {
    const client = createClient(connection());
    const made = await client.post<Role>('/api/v1/roles', {
      name,
      permissions,
      organisationId: await organisationId(client, organisation),
    });
    output.print(made, () => `Made ${output.colours.bold(printable(made.name))} (${made.id}).`);
  },
});

const change = defineCommand({
  name: 'change',
  summary: 'Rename a role, or say anew what it allows',
  positionals: which,
  options: { ...options, name: { type: 'string', value: 'name', summary: 'Its new name' }, permission },
  async run({ options: { organisation, name, permission: permissions }, words: [wanted = ''], output, connection }) {
    if (name === undefined && permissions.length === 0) throw new UsageError('Give --name, --permission or both.');
    const client = createClient(connection());
    const { id } = await findRole(client, wanted, organisation);
    const changed = await client.patch<Role>(`/api/v1/roles/${encodeURIComponent(id)}`, {
      name,
      ...(permissions.length > 0 && { permissions }),
    });
    output.print(changed, () => `Changed ${output.colours.bold(printable(changed.name))} (${id}).`);
  },
});

const remove = defineCommand({
  name: 'remove',
  summary: 'Remove a role that nobody has',
  positionals: which,
  options,
  async run({ options: { organisation }, words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const { id, name } = await findRole(client, wanted, organisation);
    await client.delete(`/api/v1/roles/${encodeURIComponent(id)}`);
    output.print({ id, name }, () => `Removed ${output.colours.bold(printable(name))} (${id}).`);
  },
});

export const roles = defineCommand({
  name: 'roles',
  summary: 'List roles, make your own',
  subcommands: [list, create, change, remove],
});
