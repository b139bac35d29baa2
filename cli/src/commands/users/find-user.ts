import type { Client } from '../../api/client.ts';
import { findObject, organisationId } from '../../api/find-object.ts';
import type { User } from '../../api/types.ts';

/** The person of an id, address or name, in the organisation that `--organisation` names. */
export const findUser = async (client: Client, wanted: string, organisation: string | undefined): Promise<User> =>
  findObject(
    'user',
    await client.list<User>('/api/v1/users', { organisationId: await organisationId(client, organisation) }),
    wanted,
    ({ email }) => [email],
  );
