import { isObject, type JsonObject } from '../../core/json.ts';
import { SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import type { LoginStore, UserRow } from '../../store/login-store.ts';
import type { Attempts } from './attempts.ts';
import type { BetterAuth } from './better-auth.ts';
import { cookieValue, unsigned } from './cookies.ts';
import type { OwnRoute } from './invitation-routes.ts';
import type { LoginAudit } from './login-audit.ts';
import { addressHeader, cookiePrefix, loginPath, sessionCookie } from './names.ts';
import { type Origins, requireSameOrigin } from './origins.ts';
import { findLoginRoute, type LoginRoute } from './routes.ts';
import type { Sessions } from './sessions.ts';

const bodyBytes = 64 * 1024;
const minute = 60_000;
/** Tries at a secret: by address, by account, and by both, so that nobody locks another one out by a few wrong guesses. */
const limits = {
  address: { most: 100, windowMs: minute },
  account: { most: 100, windowMs: 15 * minute },
  both: { most: 10, windowMs: 5 * minute },
};

export interface FrontDeps {
  origins: Origins;
  /** The better-auth of an origin. */
  authFor(origin: string): Promise<BetterAuth>;
  sessions: Sessions;
  store: Pick<LoginStore, 'userById' | 'userByEmail' | 'userIdOfPasskey' | 'removeSessionByToken'>;
  attempts: Attempts;
  audit: LoginAudit;
  /** Routes of ours, by their path. */
  own: Readonly<Record<string, OwnRoute>>;
  secret: string;
  addressOf?(request: Request): string | undefined;
  onFault(message: string, cause: unknown): void;
}

/** One request on its way through: what is known of it before better-auth answers. */
interface Visit {
  request: Request;
  origin: string;
  route: LoginRoute;
  path: string;
  body: JsonObject | undefined;
  address: string | undefined;
  /** The session that the request came with. */
  token: string | undefined;
  person: UserRow | undefined;
}

/**
 * `/api/auth/*`: better-auth behind our own rules. Only known routes are served, only to pages of this very origin, and not
 * more often than somebody who mistypes needs; every login, failed or not, is written down before its cookie leaves.
 */
export function createLoginFront(deps: FrontDeps) {
  const { origins, authFor, sessions, store, attempts, audit, own, secret, addressOf, onFault } = deps;

  async function enter(request: Request): Promise<Visit> {
    const origin = origins.of(request);
    if (origin === undefined) {
      throw new SluiceError(
        'forbidden',
        'Nobody can log in at this address: set `auth.url` in the configuration to where people reach this gateway.',
      );
    }
    const path = new URL(request.url).pathname.slice(loginPath.length);
    const route = findLoginRoute(request.method, path);
    if (!route) throw new SluiceError('not_found', `There is no ${request.method} ${loginPath}${path}.`);
    const { headers } = request;
    // A program that sends neither a cookie nor an origin logs in with what it knows; a browser always says where it is.
    const isBrowser = headers.has('cookie') || headers.has('origin') || headers.has('sec-fetch-site');
    if (request.method === 'POST' && isBrowser) requireSameOrigin(request, origin);
    const body = request.method === 'POST' ? await readObject(request) : undefined;
    const token = sessions.tokenOf(request);
    const session = token === undefined ? undefined : await sessions.find(token);
    const person = session && (await store.userById(session.userId));
    return { request, origin, route, path, body, address: addressOf?.(request), token, person };
  }

  async function guard({ route, body, address = 'unknown', person }: Visit): Promise<void> {
    if (!route.guarded) return;
    const account =
      person?.id ?? (typeof body?.email === 'string' ? body.email.toLowerCase().slice(0, 320) : undefined);
    const counts: [string, { most: number; windowMs: number }][] = [[`address:${address}`, limits.address]];
    if (account !== undefined) {
      counts.push([`account:${account}`, limits.account], [`both:${route.path}:${address}:${account}`, limits.both]);
    }
    for (const [key, { most, windowMs }] of counts) {
      const waitMs = await attempts.take(key, most, windowMs);
      if (waitMs > 0) {
        throw new SluiceError('rate_limited', 'Too many tries. Wait a little, then try again.', {
          retryAfterMs: waitMs,
        });
      }
    }
  }

  /** What better-auth is given: our origin, the caller's cookies, and the address that the connection came from. */
  function passOn({ request, origin, path, body, address }: Visit): Request {
    const headers = new Headers();
    for (const name of [
      'cookie',
      'origin',
      'referer',
      'user-agent',
      'sec-fetch-site',
      'sec-fetch-mode',
      'sec-fetch-dest',
    ]) {
      const value = request.headers.get(name);
      if (value !== null) headers.set(name, value);
    }
    if (address !== undefined) headers.set(addressHeader, address);
    if (body) headers.set('content-type', 'application/json');
    return new Request(`${origin}${loginPath}${path}${new URL(request.url).search}`, {
      method: request.method,
      headers,
      ...(body && { body: JSON.stringify(adjusted(path, body)) }),
    });
  }

  /** Who tried, as far as the request tells. */
  async function whoTried(visit: Visit, auth: BetterAuth): Promise<UserRow | undefined> {
    const { route, body, request, origin } = visit;
    if (typeof body?.email === 'string') return store.userByEmail(body.email);
    if (route.login === 'passkey' && isObject(body?.response) && typeof body.response.id === 'string') {
      const userId = await store.userIdOfPasskey(body.response.id);
      return userId === undefined ? undefined : store.userById(userId);
    }
    if (route.login !== 'two-factor') return undefined;
    const challenge = unsigned(
      cookieValue(request.headers.get('cookie'), `${cookiePrefix(origin)}.two_factor`),
      secret,
    );
    if (challenge === undefined) return undefined;
    const { internalAdapter } = await auth.$context;
    const pending = await internalAdapter.findVerificationValue(challenge);
    return pending ? store.userById(pending.value) : undefined;
  }

  /** A session begun by a login: the one before it ends, and nobody gets it unless it was written down. */
  async function loggedIn({ route, address, token, path }: Visit, fresh: string): Promise<void> {
    try {
      const session = await sessions.find(fresh);
      const user = session && (await store.userById(session.userId));
      if (!user) throw new Error('The session that a login began is not there.');
      const provider = route.login === 'oidc' ? path.slice('/callback/'.length) : undefined;
      await audit.succeeded(user, { method: route.login, provider, address });
      if (token !== undefined && token !== fresh) await endSession(token);
    } catch (error) {
      await endSession(fresh).catch(() => {});
      throw error;
    }
  }

  async function endSession(token: string): Promise<void> {
    await store.removeSessionByToken(token);
    sessions.forget();
  }

  async function writeDown(visit: Visit, response: Response, auth: BetterAuth): Promise<void> {
    const { route, body, address, person, path, origin, token } = visit;
    const fresh = freshToken(response, origin);
    const failure = await failureOf(response);
    // Somebody who is logged in already and proves a second factor is changing it; so is one who links an issuer.
    const isLogin = route.login !== undefined && (person === undefined || (fresh !== undefined && !route.change));
    if (isLogin && fresh !== undefined) return loggedIn(visit, fresh);
    if (isLogin && failure !== undefined) {
      const user = await whoTried(visit, auth);
      const email = !user && typeof body?.email === 'string' ? body.email.slice(0, 320) : undefined;
      const provider = route.login === 'oidc' ? path.slice('/callback/'.length) : undefined;
      return audit.failed(user, { method: route.login, reason: failure, email, provider, address });
    }
    if (failure !== undefined || !person) return;
    if (path === '/sign-out') await audit.loggedOut(person, { address });
    else if (route.login === 'oidc')
      await audit.changed('account.link', person, { provider: path.split('/')[2], address });
    else if (route.change) await audit.changed(route.change, person, { address });
    if (fresh !== undefined && token !== undefined && token !== fresh) await endSession(token);
  }

  return async function handleLogin(request: Request): Promise<Response> {
    try {
      if (new URL(request.url).pathname === `${loginPath}/error`) throw failedElsewhere(request);
      const visit = await enter(request);
      await guard(visit);
      const ours = own[visit.path];
      if (ours) return finished(Response.json(await ours(visit)));
      const auth = await authFor(visit.origin);
      const response = await auth.handler(passOn(visit));
      await writeDown(visit, response, auth);
      // Sessions may have ended or begun: what is believed of them here is read again.
      if (visit.request.method === 'POST') sessions.forget();
      return finished(response);
    } catch (thrown) {
      const error = toSluiceError(thrown);
      if (error.status >= 500) onFault('a login failed', error.cause ?? error);
      return refusal(error);
    }
  };
}

/** What better-auth must not be asked for in the caller's own words. */
function adjusted(path: string, body: JsonObject): JsonObject {
  switch (path) {
    // A new password ends every session that the old one began.
    case '/change-password':
      return { ...body, revokeOtherSessions: true };
    // A token instead of the code flow could be somebody else's; scopes and parameters are the operator's affair.
    case '/sign-in/social':
    case '/link-social': {
      const { idToken: _, scopes: __, additionalParams: ___, requestSignUp: ____, additionalData, ...rest } = body;
      const invitation = isObject(additionalData) ? additionalData.invitation : undefined;
      return { ...rest, ...(typeof invitation === 'string' && { additionalData: { invitation } }) };
    }
    default:
      return body;
  }
}

async function readObject(request: Request): Promise<JsonObject> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.length;
    if (length > bodyBytes) throw new SluiceError('body_too_large', `The body is longer than ${bodyBytes} bytes.`);
    parts.push(part);
  }
  if (length === 0) return {};
  // A form can be sent by any page; JSON only by one of ours.
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    throw new SluiceError('unsupported_media_type', 'Send the body as JSON, with content-type: application/json.');
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)));
    if (isObject(value)) return value;
  } catch {}
  throw new SluiceError('invalid_json', 'The body must be a JSON object.');
}

/** The token of a session that the answer begins. */
function freshToken(response: Response, origin: string): string | undefined {
  const prefix = `${sessionCookie(origin)}=`;
  const found = response.headers.getSetCookie().findLast((cookie) => cookie.startsWith(prefix));
  const value = found?.slice(prefix.length).split(';', 1)[0];
  if (!value) return undefined;
  const signed = decodeURIComponent(value);
  return signed.slice(0, signed.lastIndexOf('.'));
}

/** Why the answer is a refusal, in better-auth's word; undefined when it is none. */
async function failureOf(response: Response): Promise<string | undefined> {
  const location = response.headers.get('location');
  if (response.status >= 300 && response.status < 400 && location) {
    return URL.parse(location, 'http://localhost')?.searchParams.get('error')?.slice(0, 100) ?? undefined;
  }
  if (response.ok) return undefined;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return isObject(body) && typeof body.code === 'string' ? body.code : `status ${response.status}`;
}

function finished(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set('cache-control', 'no-store');
  return new Response(response.body, { status: response.status, headers });
}

/** Refusals of ours have the form of better-auth's: `{ code, message }`. */
function refusal(error: SluiceError): Response {
  const { retryAfterMs } = error.facts;
  return Response.json(
    { code: error.code.toUpperCase(), message: error.message },
    {
      status: error.status,
      headers: {
        'cache-control': 'no-store',
        ...(retryAfterMs !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }),
      },
    },
  );
}

/** Where the way back from an issuer ends when it failed and the page that began it named no place for that. */
function failedElsewhere(request: Request): SluiceError {
  const reason = new URL(request.url).searchParams.get('error') ?? 'unknown';
  return new SluiceError('invalid_request', `The login failed: ${reason.replace(/[^\w ]/g, '').slice(0, 100)}.`);
}
