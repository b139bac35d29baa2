import { CliError } from '../cli-error.ts';
import { didYouMean } from '../suggest.ts';
import type { Client } from './client.ts';
import type { Organisation } from './types.ts';

export interface Named {
  id: string;
  name: string;
}

/** The object of an id, or of a name (or what else it is called) that only one has. Throws CliError with what was near. */
export function findObject<Row extends Named>(
  noun: string,
  rows: readonly Row[],
  wanted: string,
  otherNames: (row: Row) => readonly string[] = () => [],
): Row {
  const exact = rows.find(({ id }) => id === wanted);
  if (exact) return exact;
  const asked = wanted.toLowerCase();
  const namesOf = (row: Row) => [row.name, ...otherNames(row)];
  const matches = rows.filter((row) => namesOf(row).some((name) => name.toLowerCase() === asked));
  if (matches.length > 1) {
    throw new CliError(
      `${matches.length} ${noun}s are called ${JSON.stringify(wanted)}.`,
      `Say which: ${matches.map(({ id }) => id).join(', ')}.`,
    );
  }
  if (matches[0]) return matches[0];
  throw new CliError(
    `There is no ${noun} ${JSON.stringify(wanted)}.`,
    didYouMean(wanted, rows.flatMap(namesOf)) ?? `\`sluice ${noun}s list\` shows all.`,
  );
}

/** `--organisation`, for those who have several or run the gateway. */
export const organisationOption = {
  type: 'string',
  short: 'o',
  value: 'organisation',
  summary: 'The id, short name or name of an organisation (default: your own)',
} as const;

export const findOrganisation = async (client: Client, wanted: string): Promise<Organisation> =>
  findObject('organisation', await client.list<Organisation>('/api/v1/organisations'), wanted, ({ slug }) => [slug]);

/** The id of what `--organisation` names; undefined when it was not given. */
export const organisationId = async (client: Client, wanted: string | undefined): Promise<string | undefined> =>
  wanted === undefined ? undefined : (await findOrganisation(client, wanted)).id;
