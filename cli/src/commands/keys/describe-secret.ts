import type { CreatedKey, Key } from '../../../../shared/src/keys.ts';
import { printable } from '../../format/text.ts';
import { formatTime } from '../../format/time.ts';
import type { Colours } from '../../output.ts';

/** A key with its secret, for the one time that it is shown. */
export function describeSecret(done: string, created: CreatedKey, colours: Colours): string {
  const { name, id, key, previousUntil } = created;
  return [
    `${done} ${colours.bold(printable(name))} (${id})`,
    '',
    `  ${colours.green(key)}`,
    '',
    ...describeLimits(created),
    ...(previousUntil === null ? [] : [`The old secret works until ${formatTime(previousUntil)}.`]),
    '',
    'Keep it in a safe place now: it cannot be shown again.',
  ].join('\n');
}

/** What a key may do, a line each; what does not limit it is left out, but for models and expiry. */
export function describeLimits({ role, models, scopes, addresses, tags, userId, teamId, expiresAt }: Key): string[] {
  const list = (title: string, entries: readonly string[] | null | undefined): string[] =>
    entries && entries.length > 0 ? [`${title.padEnd(9)}${printable(entries.join(', '))}`] : [];
  return [
    `Role     ${role}`,
    ...list('Models', models ?? ['all']),
    ...list('Groups', scopes?.groups),
    ...list('Dialects', scopes?.dialects),
    ...list('Routes', scopes?.routes),
    ...(scopes?.localOnly ? ['Stays    on local models'] : []),
    ...list('From', addresses),
    ...list('Tags', tags),
    ...list('User', userId === null ? null : [userId]),
    ...list('Team', teamId === null ? null : [teamId]),
    `Expires  ${expiresAt === null ? 'never' : formatTime(expiresAt)}`,
  ];
}
