import { z } from 'zod';
import type { Principal } from '../../core/principal.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { lacks } from '../../identity/authorise.ts';
import { sessionCookie } from '../../identity/login/names.ts';
import { keyOf } from '../gateway/open-call.ts';

export const livePath = '/api/v1/metrics/live';

const askerSchema = z.object({
  /** The address that they asked at. */
  origin: z.string(),
  /** How they are known: by a key or token, or by the cookie of their session. */
  key: z.string().optional(),
  cookie: z.string().optional(),
  /** As whose member they ask; a person may have several. */
  organisationId: z.string(),
  /** Whose figures they see; null: those of the whole gateway. */
  shown: z.string().nullable(),
});

/** Who may watch, as far as it takes to find out again whether they still may. */
export type LiveAsker = z.infer<typeof askerSchema>;

/** What a ticket stands for; undefined when it was not written by this version. */
export const readAsker = (content: unknown): LiveAsker | undefined => askerSchema.safeParse(content).data;

/** Who asks, with nothing of the request that is not needed to know them again: of the cookies only the session's. */
export function askerOf(
  request: Request,
  { organisationId }: Principal,
  shown: string | undefined,
  loginOrigin: string | undefined,
): LiveAsker {
  const key = keyOf(request);
  const name = loginOrigin === undefined ? undefined : `${sessionCookie(loginOrigin)}=`;
  const cookie = request.headers
    .get('cookie')
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => name !== undefined && pair.startsWith(name));
  return {
    origin: new URL(request.url).origin,
    ...(key === undefined ? { cookie } : { key }),
    organisationId,
    shown: shown ?? null,
  };
}

/** Whether somebody may watch these figures, now. Throws `forbidden`. */
export function requireLive(principal: Principal, shown: string | null): void {
  if (principal.operator) return;
  if (!principal.permissions.has('usage:read')) throw lacks(principal, 'usage:read');
  if (shown !== principal.organisationId)
    throw new SluiceError('forbidden', 'Only an operator may watch what is not of their own organisation.');
}

/**
 * Requests that stand for a socket's asker whenever it is found out again who they are: the request that opened the socket is
 * over, and its connection cannot be asked for an address any more.
 */
export function createStandIns() {
  const addresses = new WeakMap<Request, string>();
  return {
    /** `address` is where the socket comes from, for keys that are limited to addresses. */
    make({ origin, key, cookie, organisationId }: LiveAsker, address: string | undefined): Request {
      const request = new Request(origin + livePath, {
        headers: {
          'x-sluice-organisation': organisationId,
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(cookie !== undefined && { cookie }),
        },
      });
      if (address !== undefined) addresses.set(request, address);
      return request;
    },
    /** The address that a stand-in stands for; undefined for other requests. */
    addressOf: (request: Request): string | undefined => addresses.get(request),
  };
}

export type StandIns = ReturnType<typeof createStandIns>;
