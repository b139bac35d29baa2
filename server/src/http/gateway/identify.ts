import type { Principal } from '../../core/principal.ts';
import type { Dialect } from '../../core/wire-name.ts';
import type { Keyring } from '../../identity/keys.ts';
import type { Sessions } from '../../identity/login/sessions.ts';
import { looksLikeToken, type Tokens } from '../../identity/login/tokens.ts';
import { keyOf } from './open-call.ts';

/** Finds out who sends a request. Throws `missing_key`, `invalid_key`, or `forbidden` when the key is not for such a request. */
export type Identify = (request: Request, dialect?: Dialect) => Principal | Promise<Principal>;

export interface IdentifyDeps {
  keyring: Pick<Keyring, 'identify'>;
  tokens: Pick<Tokens, 'identify'>;
  sessions: Pick<Sessions, 'identify'>;
}

/**
 * The one place where a request becomes somebody, for the dialects and the platform API alike: by its key, else by a token
 * in the key's place, and without either by the session of its cookie.
 */
export const createIdentify =
  ({ keyring, tokens, sessions }: IdentifyDeps): Identify =>
  (request, dialect) => {
    const key = keyOf(request);
    if (key === undefined)
      return sessions.identify(request, organisationOf(request)) ?? keyring.identify(undefined, request, dialect);
    return looksLikeToken(key)
      ? tokens.identify(key, organisationOf(request))
      : keyring.identify(key, request, dialect);
  };

/** Which of their organisations a person means. */
const organisationOf = ({ headers }: Request): string | undefined => headers.get('x-sluice-organisation') ?? undefined;
