import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtInRoles, permissions } from '../core/principal.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/guides/teams-and-roles.md'), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

test('the table of roles in the guide is what the built-in roles allow', () => {
  const [titles = [], , ...lines] = rows;
  const roles = titles.slice(2);
  expect(roles).toEqual(Object.keys(builtInRoles));
  const told = Object.fromEntries(
    roles.map((role, column) => [
      role,
      lines.filter((line) => line[column + 2] === 'yes').map(([name = '']) => name.replaceAll('`', '')),
    ]),
  );
  expect(lines.map(([name]) => name)).toEqual(permissions.map((permission) => `\`${permission}\``));
  for (const [role, allowed] of Object.entries(builtInRoles))
    expect({ role, allowed: told[role]!.sort() }).toEqual({ role, allowed: [...allowed].sort() });
});
