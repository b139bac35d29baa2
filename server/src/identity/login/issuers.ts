import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { SluiceError } from '../../core/sluice-error.ts';

/** The way out to an issuer: an address of the operator's own choice. Redirects are not followed. */
export type FetchIssuer = (
  request: { url: string; method: 'GET' | 'POST'; headers: Record<string, string>; body?: string },
  options: { signal: AbortSignal },
) => Promise<Response>;

/** What an issuer says of itself (OpenID Connect Discovery 1.0). */
export interface IssuerMetadata {
  issuer: string;
  authorizationEndpoint?: string;
  tokenEndpoint?: string;
  userinfoEndpoint?: string;
  jwksUri: string;
  /** Whether the client says its secret in a header rather than in the body. */
  basicAuthentication: boolean;
}

export interface Expectation {
  issuer: string;
  audience: string | readonly string[];
  algorithms: readonly string[];
  jwks?: string;
}

const timeoutMs = 10_000;
const mostBytes = 1024 * 1024;
/** Clocks differ; RFC 7519 allows "some small leeway, usually no more than a few minutes". */
const skewSeconds = 30;
/** A key that nobody knows makes us ask for the keys again, but not more often than this. */
const cooldownMs = 30_000;
/** An issuer that failed is left alone for so long. */
const failedForMs = 5000;
const metadataMs = 3_600_000;
const keysMs = 600_000;

export interface IssuersDeps {
  fetch: FetchIssuer;
  /** Monotonic milliseconds. */
  nowMs?: () => number;
}

/** Knows issuers by what they publish: where to log in, and the keys that they sign with. */
export function createIssuers({ fetch, nowMs = () => performance.now() }: IssuersDeps) {
  const metadata = new Map<string, { value: Promise<IssuerMetadata>; untilMs: number }>();
  const keySets = new Map<string, JWTVerifyGetKey>();
  const failedMs = new Map<string, number>();

  /** An issuer that is down is not stormed. */
  async function getJson(url: string, signal: AbortSignal): Promise<Response> {
    const last = failedMs.get(url);
    if (last !== undefined && nowMs() - last < failedForMs) throw unreachable(url, 'failed a moment ago');
    try {
      const response = await fetch({ url, method: 'GET', headers: { accept: 'application/json' } }, { signal });
      if (response.status !== 200) throw unreachable(url, `answered with status ${response.status}`);
      const text = await readText(response, url);
      failedMs.delete(url);
      return new Response(text, { headers: { 'content-type': 'application/json' } });
    } catch (cause) {
      failedMs.set(url, nowMs());
      throw cause instanceof SluiceError ? cause : unreachable(url, 'could not be reached', cause);
    }
  }

  /** The discovery document, believed for an hour. Throws `unavailable` when it cannot be had or is another issuer's. */
  function metadataOf(issuer: string): Promise<IssuerMetadata> {
    const known = metadata.get(issuer);
    if (known && nowMs() < known.untilMs) return known.value;
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const value = getJson(url, AbortSignal.timeout(timeoutMs))
      .then((response) => response.json())
      .then((document) => parseMetadata(document, issuer));
    metadata.set(issuer, { value, untilMs: nowMs() + metadataMs });
    value.catch(() => metadata.delete(issuer));
    return value;
  }

  async function keysOf({ issuer, jwks }: Expectation): Promise<JWTVerifyGetKey> {
    const url = jwks ?? (await metadataOf(issuer)).jwksUri;
    let keys = keySets.get(url);
    if (!keys) {
      keys = createRemoteJWKSet(new URL(url), {
        cooldownDuration: cooldownMs,
        cacheMaxAge: keysMs,
        timeoutDuration: timeoutMs,
        [customFetch]: (address, { signal }) => getJson(address, signal ?? AbortSignal.timeout(timeoutMs)),
      });
      keySets.set(url, keys);
    }
    return keys;
  }

  return {
    metadataOf,
    /**
     * The claims of a token that is the issuer's own, for this audience and now. Throws `invalid_key` for any other, and
     * `unavailable` when the issuer's keys cannot be had.
     */
    async verify(token: string, expected: Expectation): Promise<JWTPayload & { sub: string }> {
      const { issuer, audience, algorithms } = expected;
      const options: JWTVerifyOptions = {
        issuer,
        audience: typeof audience === 'string' ? audience : [...audience],
        algorithms: [...algorithms],
        clockTolerance: skewSeconds,
        requiredClaims: ['iss', 'aud', 'exp', 'sub'],
      };
      try {
        const { payload } = await jwtVerify(token, await keysOf(expected), options);
        if (typeof payload.sub !== 'string' || payload.sub === '' || payload.sub.length > 255)
          throw new errors.JWTClaimValidationFailed('its sub is not a subject', payload, 'sub');
        return payload as JWTPayload & { sub: string };
      } catch (thrown) {
        if (thrown instanceof SluiceError) throw thrown;
        throw refused(thrown);
      }
    },
    /** Sends a form and takes JSON. Throws `unavailable`. */
    async postForm(url: string, form: URLSearchParams, headers: Record<string, string>): Promise<unknown> {
      try {
        const response = await fetch(
          {
            url,
            method: 'POST',
            headers: { ...headers, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
            body: form.toString(),
          },
          { signal: AbortSignal.timeout(timeoutMs) },
        );
        const text = await readText(response, url);
        if (response.status !== 200) throw unreachable(url, `answered with status ${response.status}`);
        return JSON.parse(text);
      } catch (cause) {
        throw cause instanceof SluiceError ? cause : unreachable(url, 'gave no answer that can be read', cause);
      }
    },
  };
}

export type Issuers = ReturnType<typeof createIssuers>;

function parseMetadata(document: unknown, issuer: string): IssuerMetadata {
  const fields = (document ?? {}) as Record<string, unknown>;
  const text = (name: string) => {
    const value = fields[name];
    return typeof value === 'string' && URL.canParse(value) ? value : undefined;
  };
  // One issuer may not speak for another (Discovery 1.0, 4.3).
  if (fields.issuer !== issuer) {
    throw unreachable(issuer, `publishes that it is ${JSON.stringify(fields.issuer)}; set \`issuer\` to exactly that`);
  }
  const jwksUri = text('jwks_uri');
  if (!jwksUri) throw unreachable(issuer, 'publishes no jwks_uri');
  const methods = fields.token_endpoint_auth_methods_supported;
  return {
    issuer,
    authorizationEndpoint: text('authorization_endpoint'),
    tokenEndpoint: text('token_endpoint'),
    userinfoEndpoint: text('userinfo_endpoint'),
    jwksUri,
    // Without a word on it, the header is what every issuer must take (RFC 6749, 2.3.1).
    basicAuthentication: !Array.isArray(methods) || methods.includes('client_secret_basic'),
  };
}

async function readText(response: Response, url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > mostBytes) throw unreachable(url, `sends more than ${mostBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

const unreachable = (url: string, what: string, cause?: unknown) =>
  new SluiceError('unavailable', `The issuer at ${new URL(url).host} ${what}. Try again shortly.`, {
    retryAfterMs: 5000,
    cause,
  });

function refused(cause: unknown): SluiceError {
  const what =
    cause instanceof errors.JWTExpired
      ? 'has expired'
      : cause instanceof errors.JWTClaimValidationFailed
        ? `is not for this gateway: ${cause.message}`
        : cause instanceof errors.JOSEAlgNotAllowed
          ? 'is signed with an algorithm that is not taken from its issuer'
          : 'is not signed by its issuer';
  return new SluiceError('invalid_key', `This token ${what}.`, { cause });
}
