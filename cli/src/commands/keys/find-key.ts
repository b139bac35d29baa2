import type { Client } from '../../api/client.ts';
import type { Key } from '../../api/types.ts';
import { CliError } from '../../cli-error.ts';
import { didYouMean } from '../../suggest.ts';

/** What `keys list` shows of an id: `key_` and eight digits. */
export const shortId = (id: string): string => id.slice(0, 12);

/** The live key of an id, of the beginning of an id as `keys list` shows it, or of a name that only one has. */
export async function findKey(client: Client, wanted: string): Promise<Key> {
  const keys = await client.list<Key>('/api/v1/keys');
  const live = keys.filter(({ revokedAt }) => revokedAt === null);
  const found = chooseKey(live, wanted);
  if (found) return found;
  if (chooseKey(keys, wanted)) throw new CliError(`The key ${JSON.stringify(wanted)} is revoked already.`);
  const near = didYouMean(
    wanted,
    live.map(({ name }) => name),
  );
  throw new CliError(`There is no key ${JSON.stringify(wanted)}.`, near ?? '`sluice keys list` shows all.');
}

function chooseKey(keys: readonly Key[], wanted: string): Key | undefined {
  const exact = keys.find(({ id }) => id === wanted);
  if (exact) return exact;
  const begun = wanted.length >= shortId('key_00000000').length ? keys.filter(({ id }) => id.startsWith(wanted)) : [];
  const matches = begun.length > 0 ? begun : keys.filter(({ name }) => name === wanted);
  if (matches.length > 1) {
    throw new CliError(
      `${matches.length} keys are called ${JSON.stringify(wanted)}.`,
      `Say which: ${matches.map(({ id }) => id).join(', ')}.`,
    );
  }
  return matches[0];
}
