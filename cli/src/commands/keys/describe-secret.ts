import type { CreatedKey } from '../../api/types.ts';
import { printable } from '../../format/text.ts';
import { formatTime } from '../../format/time.ts';
import type { Colours } from '../../output.ts';

/** A key with its secret, for the one time that it is shown. */
export function describeSecret(
  done: string,
  { name, id, key, role, models, expiresAt }: CreatedKey,
  colours: Colours,
): string {
  return [
    `${done} ${colours.bold(printable(name))} (${id})`,
    '',
    `  ${colours.green(key)}`,
    '',
    `Role     ${role}`,
    `Models   ${models === null ? 'all' : printable(models.join(', '))}`,
    `Expires  ${expiresAt === null ? 'never' : formatTime(expiresAt)}`,
    '',
    'Keep it in a safe place now: it cannot be shown again.',
  ].join('\n');
}
