import type { Client } from '../../api/client.ts';
import { findObject, organisationId } from '../../api/find-object.ts';
import type { Role } from '../../api/types.ts';

/** The role of an id or name, in the organisation that `--organisation` names. */
export const findRole = async (client: Client, wanted: string, organisation: string | undefined): Promise<Role> =>
  findObject(
    'role',
    await client.list<Role>('/api/v1/roles', { organisationId: await organisationId(client, organisation) }),
    wanted,
  );
