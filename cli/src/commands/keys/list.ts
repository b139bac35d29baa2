import { createClient } from '../../api/client.ts';
import type { Key } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { counted } from '../../format/text.ts';
import { formatDistance } from '../../format/time.ts';
import { shortId } from './find-key.ts';

const columns: Column[] = [
  { title: 'ID' },
  { title: 'NAME', shrinksTo: 12 },
  { title: 'ROLE' },
  { title: 'KEY' },
  { title: 'MODELS', shrinksTo: 12 },
  { title: 'STATE', shrinksTo: 10 },
  { title: 'LAST USED' },
];

export const listKeys = defineCommand({
  name: 'list',
  summary: 'List keys, newest first',
  async run({ output, connection }) {
    const keys = await createClient(connection()).list<Key>('/api/v1/keys');
    const nowMs = Date.now();
    output.print(keys, () => {
      if (keys.length === 0) return 'There are no keys yet. `sluice keys create <name>` makes one.';
      const { colours, width } = output;
      const table = renderTable(
        columns,
        keys.map((key) => rowOf(key, nowMs)),
        {
          width,
          colours,
          styleRow: (line, row) => (isLive(keys[row]!, nowMs) ? line : colours.dim(line)),
        },
      );
      const live = keys.filter((key) => isLive(key, nowMs)).length;
      return `${table}\n\n${counted(keys.length, 'key')}, ${live} live`;
    });
  },
});

const rowOf = (key: Key, nowMs: number): string[] => [
  shortId(key.id),
  key.name,
  key.role,
  key.hint.slice(key.hint.lastIndexOf('…')),
  key.models?.join(', ') ?? 'all',
  stateOf(key, nowMs),
  key.lastUsedAt === null ? 'never' : `${formatDistance(key.lastUsedAt, nowMs)} ago`,
];

function stateOf({ revokedAt, expiresAt }: Key, nowMs: number): string {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'live';
  return Date.parse(expiresAt) <= nowMs ? 'expired' : `${formatDistance(expiresAt, nowMs)} left`;
}

const isLive = ({ revokedAt, expiresAt }: Key, nowMs: number): boolean =>
  revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > nowMs);
