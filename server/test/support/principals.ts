import { builtInRoles, defaultOrganisationId, type Principal } from '../../src/core/principal.ts';

/** The holder of a member's key, unless told otherwise. */
export const principal = (over: Partial<Principal> = {}): Principal => ({
  kind: 'key',
  keyId: 'key_1',
  keyName: 'a key',
  organisationId: defaultOrganisationId,
  role: 'member',
  permissions: new Set(builtInRoles.member),
  operator: false,
  ...over,
});
