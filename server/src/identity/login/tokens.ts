import { decodeJwt, type JWTPayload } from 'jose';
import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { LoginStore } from '../../store/login-store.ts';
import { permissionsOfRole } from '../effective-rights.ts';
import type { UserPrincipals } from '../principal-of-user.ts';
import { createShortMemory } from '../short-memory.ts';
import type { Issuers } from './issuers.ts';
import { subjectAt } from './names.ts';
import type { IssuerSettings } from './settings.ts';

/** A JSON Web Token by its shape: three parts in base64url. No key looks like that. */
export const looksLikeToken = (key: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(key);

/** A signature that was checked is believed for so long; the token's own end counts all the same. */
const verifiedMs = 10_000;

export interface TokensDeps {
  settings(): { issuers: readonly IssuerSettings[] };
  issuers: Pick<Issuers, 'verify'>;
  store: Pick<LoginStore, 'userIdOfSubject' | 'standingOf'>;
  principals: Pick<UserPrincipals, 'principalOfUser'>;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
  now?: () => Date;
}

interface Verified {
  settings: IssuerSettings;
  claims: JWTPayload & { sub: string };
}

/** Takes tokens of the configured issuers instead of keys. */
export function createTokens(deps: TokensDeps) {
  const { settings, issuers, store, principals, nowMs = () => performance.now(), now = () => new Date() } = deps;
  const verified = createShortMemory<Verified>({ load: verify, nowMs, freshMs: verifiedMs, maxEntries: 2000 });
  const linked = createShortMemory<string | undefined>({ load: (subject) => store.userIdOfSubject(subject), nowMs });
  const standings = createShortMemory({
    load: (key) => store.standingOf(...(JSON.parse(key) as [string, string])),
    nowMs,
  });
  const through = async <Value>(memory: ReturnType<typeof createShortMemory<Value>>, key: string): Promise<Value> =>
    (memory.recall(key) ?? { value: await memory.read(key) }).value;

  async function verify(token: string): Promise<Verified> {
    const issuer = issuerOf(token);
    const found = settings().issuers.find((each) => each.issuer === issuer);
    if (!found) throw refused('This token is of an issuer that this gateway does not know.');
    return { settings: found, claims: await issuers.verify(token, found) };
  }

  async function claimsOf(token: string): Promise<Verified> {
    const known = await through(verified, token);
    // What was believed under other settings is looked at anew.
    const current = settings().issuers.includes(known.settings) ? known : await verify(token);
    if ((current.claims.exp ?? 0) * 1000 + skewMs <= now().getTime()) throw refused('This token has expired.');
    return current;
  }

  /** Of a person who logs in at the same issuer: what they may do. */
  async function ofPerson(userId: string, organisationId: string | undefined, keyId: string): Promise<Principal> {
    const principal = await principals.principalOfUser(userId, organisationId);
    if (!principal) {
      if (organisationId !== undefined) throw noOrganisation(organisationId);
      throw refused('The person that this token is of is suspended, or belongs to no organisation here.');
    }
    // A program's token is no reason to change the gateway itself.
    return { ...principal, kind: 'token', keyId, operator: false };
  }

  /** Of somebody who has no account here: what the issuer says their role is, and the configuration takes it for. */
  async function ofRole({ settings: issuer, claims }: Verified, asked: string | undefined, keyId: string) {
    const said = issuer.claims.role === undefined ? [] : wordsOf(claimAt(claims, issuer.claims.role));
    const name = Object.keys(issuer.roles).find((word) => word !== '*' && said.includes(word)) ?? '*';
    const role = Object.hasOwn(issuer.roles, name) ? issuer.roles[name]! : undefined;
    if (role === undefined) {
      throw new SluiceError(
        'forbidden',
        'This token is valid, but stands for no role here. Its issuer or `auth.issuers` in the configuration must name one.',
      );
    }
    const { organisation: claim } = issuer.claims;
    const organisation = claim === undefined ? issuer.organisation : wordsOf(claimAt(claims, claim))[0];
    const standing =
      organisation === undefined ? undefined : await through(standings, JSON.stringify([organisation, role]));
    if (standing?.status !== 'active')
      throw refused('The organisation that this token is for is not here, or suspended.');
    if (asked !== undefined && asked !== standing.id) throw noOrganisation(asked);
    const email = claims[issuer.claims.email];
    return {
      kind: 'token' as const,
      keyId,
      keyName: typeof email === 'string' && email !== '' ? email.slice(0, 200) : claims.sub,
      organisationId: standing.id,
      role,
      permissions: new Set(permissionsOfRole(role, standing.rolePermissions)),
      operator: false,
    };
  }

  return {
    /**
     * Who sends this token: the person who logs in as the same subject of the same issuer, else whoever the issuer's roles
     * are mapped to. Throws `invalid_key` for a token that is not to be believed, `forbidden` for one that stands for nobody
     * here, and `unavailable` when the issuer's keys cannot be had.
     */
    async identify(token: string, organisationId?: string): Promise<Principal> {
      const found = await claimsOf(token);
      const { claims, settings: issuer } = found;
      const keyId = `token:${issuer.issuer}#${claims.sub}`;
      const userId = await through(linked, subjectAt(issuer.issuer, claims.sub));
      return userId === undefined ? ofRole(found, organisationId, keyId) : ofPerson(userId, organisationId, keyId);
    },
    /** Forgets what is believed of people and organisations, after something changed. */
    forget(): void {
      linked.forget();
      standings.forget();
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;

const skewMs = 30_000;

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch (cause) {
    throw new SluiceError('invalid_key', 'This token cannot be read.', { cause });
  }
}

/** A claim by its name, or by its path where it stands deeper: `realm_access.roles`. */
function claimAt(claims: JWTPayload, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

const wordsOf = (claim: unknown): string[] =>
  (Array.isArray(claim) ? claim : [claim]).filter((word): word is string => typeof word === 'string' && word !== '');

const refused = (message: string) => new SluiceError('invalid_key', message);
const noOrganisation = (id: string) => new SluiceError('not_found', `There is no organisation ${JSON.stringify(id)}.`);
