import { createClient } from '../../api/client.ts';
import { defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { printable } from '../../format/text.ts';
import { formatTime } from '../../format/time.ts';

interface Session {
  id: string;
  userId: string;
  ipAddress: string | null;
  userAgent: string | null;
  createdAt: string;
  expiresAt: string;
}

const columns: Column[] = [
  { title: 'ID' },
  { title: 'USER', shrinksTo: 12 },
  { title: 'FROM', shrinksTo: 9 },
  { title: 'SINCE' },
];

const listSessions = defineCommand({
  name: 'list',
  summary: 'List where the people of your organisation are logged in',
  async run({ output, connection }) {
    const sessions = await createClient(connection()).list<Session>('/api/v1/sessions?all=true');
    const rows = sessions.map(({ id, userId, ipAddress, createdAt }) => [
      id,
      userId,
      printable(ipAddress ?? ''),
      formatTime(createdAt),
    ]);
    output.print(sessions, () =>
      rows.length === 0
        ? 'Nobody is logged in.'
        : renderTable(columns, rows, { width: output.width, colours: output.colours }),
    );
  },
});

const endSession = defineCommand({
  name: 'end',
  summary: 'End a session: its cookie is worth nothing any more',
  positionals: [{ name: 'id', required: true }],
  examples: ['sluice sessions end ses_1a1f97bc703db3ba829a567d8ec'],
  async run({ words: [id = ''], output, connection }) {
    await createClient(connection()).delete(`/api/v1/sessions/${encodeURIComponent(id)}`);
    output.print({ id }, () => `Ended ${printable(id)}.`);
  },
});

export const sessions = defineCommand({
  name: 'sessions',
  summary: 'See where people are logged in, and log them out',
  details: 'Of the people in your organisation. This takes the permission to manage members.',
  subcommands: [listSessions, endSession],
});
