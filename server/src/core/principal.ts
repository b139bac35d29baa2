/** What may be done. `…:own` is the part of it that concerns the actor's own things only. */
export const permissions = [
  'models:use',
  'keys:read',
  'keys:write',
  'keys:own',
  'members:read',
  'members:write',
  'organisation:write',
  'provider-keys:read',
  'provider-keys:write',
  'budgets:read',
  'budgets:write',
  'limits:read',
  'limits:write',
  'guardrails:read',
  'guardrails:write',
  'cache:write',
  'routing:read',
  'routing:write',
  'usage:read',
  'usage:own',
  'audit:read',
] as const;
export type Permission = (typeof permissions)[number];

const reads = permissions.filter((permission) => permission.endsWith(':read'));

/** The built-in roles. An operator is no role: it is somebody who runs the gateway itself. */
export const builtInRoles = {
  owner: permissions,
  admin: permissions.filter((permission) => permission !== 'organisation:write'),
  member: ['models:use', 'keys:own', 'usage:own'],
  viewer: [...reads, 'usage:own'],
} as const satisfies Record<string, readonly Permission[]>;
export type BuiltInRole = keyof typeof builtInRoles;
export const isBuiltInRole = (role: string): role is BuiltInRole => Object.hasOwn(builtInRoles, role);

/** The organisation that everything belongs to until somebody makes another one. */
export const defaultOrganisationId = 'org_default';

/** Who is calling and what they may do: already the intersection of the key, its owner's role and the team. */
export interface Principal {
  /** `operator`: the admin key. `key`: a virtual key. `user`: a person's session. `token`: a JWT of a configured issuer. */
  kind: 'operator' | 'key' | 'user' | 'token';
  /** What the ledger writes down: the key's id, or what stands for one (`admin`, `session:<user>`, `token:<subject>`). */
  keyId: string;
  keyName: string;
  organisationId: string;
  teamId?: string;
  userId?: string;
  /** The name of the role, for people to read; what counts is `permissions`. */
  role: string;
  permissions: ReadonlySet<Permission>;
  /** May do everything in every organisation, and change the gateway itself. */
  operator: boolean;
  /** Models this key may use; undefined: all. Entries are names or end in `*`. */
  models?: readonly string[];
  /** Dialects, groups and paths this key may use; an absent list allows all. */
  scopes?: {
    dialects?: readonly string[];
    groups?: readonly string[];
    routes?: readonly string[];
    /** Its calls stay on the operator's own machines. */
    localOnly?: boolean;
  };
  /** Tags that every call of this key carries. */
  tags?: readonly string[];
  /** The request of the platform API that they are asking with, for the audit. */
  requestId?: string;
}

/** The holder of the admin key. */
export const operatorPrincipal: Principal = {
  kind: 'operator',
  keyId: 'admin',
  keyName: 'admin key',
  organisationId: defaultOrganisationId,
  role: 'operator',
  permissions: new Set(permissions),
  operator: true,
};
