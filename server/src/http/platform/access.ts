import type { Context } from 'hono';
import type { Principal } from '../../core/principal.ts';
import { SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import type { Keyring } from '../../identity/keys.ts';
import { problemResponse } from '../error-response.ts';
import { keyOf } from '../gateway/open-call.ts';

export interface PlatformAccess {
  keyring: Pick<Keyring, 'identify'>;
  newId(prefix: string): string;
  /** Told of every fault of ours (5xx), for the log. */
  onFault(error: SluiceError, requestId: string): void;
}

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
    if (need === 'admin' && principal.role !== 'admin')
      throw new SluiceError('forbidden', 'This needs a key with the role admin.');
    const response = await handle(principal);
    response.headers.set('x-sluice-request-id', requestId);
    return response;
  } catch (thrown) {
    const error = toSluiceError(thrown);
    if (error.status >= 500) access.onFault(error, requestId);
    return problemResponse(error, requestId);
  }
}
