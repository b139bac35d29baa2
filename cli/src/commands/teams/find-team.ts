import type { Client } from '../../api/client.ts';
import { findObject, organisationId } from '../../api/find-object.ts';
import type { Team } from '../../api/types.ts';

export const teamPath = (id: string): string => `/api/v1/teams/${encodeURIComponent(id)}`;

/** The team of an id or name, in the organisation that `--organisation` names. */
export const findTeam = async (client: Client, wanted: string, organisation: string | undefined): Promise<Team> =>
  findObject(
    'team',
    await client.list<Team>('/api/v1/teams', { organisationId: await organisationId(client, organisation) }),
    wanted,
  );
