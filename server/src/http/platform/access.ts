import type { Context, MiddlewareHandler } from 'hono';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest, SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import type { Keyring } from '../../identity/keys.ts';
import { problemResponse } from '../error-response.ts';
import { keyOf } from '../gateway/open-call.ts';

export interface PlatformAccess {
  keyring: Pick<Keyring, 'identify'>;
  newId(prefix: string): string;
  /** Told of every fault of ours (5xx), for the log. */
  onFault(error: SluiceError, requestId: string): void;
}

/** What only administrators may use: refused before a body is looked at. */
const adminPaths = /^\/api\/v1\/(keys|providers)(\/|$)/;

function requireAdmin({ role }: Principal): void {
  if (role !== 'admin') throw new SluiceError('forbidden', 'This needs a key with the role admin.');
}

/**
 * Stands before every route of the platform API: who has no key learns nothing of what a route takes, and a body that is
 * not JSON is refused in words before it is validated.
 */
export const guardPlatform =
  (access: PlatformAccess): MiddlewareHandler =>
  async ({ req }, next) => {
    try {
      const principal = await access.keyring.identify(keyOf(req.raw));
      if (adminPaths.test(req.path)) requireAdmin(principal);
      if (/%00/.test(req.url)) throw invalidRequest('The address holds a NUL character.');
      const hasBody = Number(req.header('content-length') ?? 0) > 0 || req.header('transfer-encoding') !== undefined;
      if (hasBody && !/^application\/([\w.+-]*\+)?json\b/i.test(req.header('content-type') ?? '')) {
        throw new SluiceError('unsupported_media_type', 'Send the body as JSON, with content-type: application/json.');
      }
    } catch (thrown) {
      return problemResponse(toSluiceError(thrown), access.newId('req_'));
    }
    await next();
  };

/** Runs a route of the platform API for whoever holds the key; every error leaves as problem details. */
export async function asPrincipal(
  context: Context,
  access: PlatformAccess,
  need: 'admin' | 'any',
  handle: (principal: Principal) => Promise<Response> | Response,
): Promise<Response> {
  const requestId = access.newId('req_');
  try {
    const principal = await access.keyring.identify(keyOf(context.req.raw));
    if (need === 'admin') requireAdmin(principal);
    const response = await handle(principal);
    response.headers.set('x-sluice-request-id', requestId);
    return response;
  } catch (thrown) {
    const error = isUnstorable(thrown)
      ? invalidRequest('A text holds a NUL character, which cannot be stored.')
      : toSluiceError(thrown);
    if (error.status >= 500) access.onFault(error, requestId);
    return problemResponse(error, requestId);
  }
}

/** PostgreSQL takes every character but NUL: `character_not_in_repertoire` and `untranslatable_character`. */
function isUnstorable(thrown: unknown): boolean {
  const { code, cause } = thrown as { code?: unknown; cause?: unknown };
  return code === '22021' || code === '22P05' || (cause !== undefined && cause !== null && isUnstorable(cause));
}
