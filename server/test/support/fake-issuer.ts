import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

interface Grant {
  claims: JWTPayload;
  challenge: string;
  nonce: string;
  redirectUri: string;
  clientId: string;
}

/**
 * An OpenID Connect issuer of its own: discovery, keys, authorization and token endpoints. It checks what a good issuer checks
 * (client, redirect address, PKCE) and refuses the rest.
 */
export async function fakeIssuer({ clientId = 'sluice', clientSecret = 'a secret/with ünusual:characters' } = {}) {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = 'key-1';
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' };
  const asked = { keys: 0, metadata: 0, tokens: 0 };
  const grants = new Map<string, Grant>();
  let person: JWTPayload = {};
  let forge: (claims: JWTPayload) => JWTPayload = (claims) => claims;
  let keysAreUp = true;
  let issuer = '';

  const sign = (claims: JWTPayload, header: { kid?: string; alg?: string } = {}, key: CryptoKey = privateKey) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(key);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, issuer);
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        asked.metadata += 1;
        return json(200, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
        });
      case '/keys':
        asked.keys += 1;
        return keysAreUp ? json(200, { keys: [jwk] }) : json(503, {});
      case '/authorize': {
        const ask = (name: string) => url.searchParams.get(name) ?? '';
        if (
          ask('response_type') !== 'code' ||
          ask('client_id') !== clientId ||
          ask('code_challenge_method') !== 'S256' ||
          !ask('state') ||
          !ask('nonce') ||
          !ask('scope').split(' ').includes('openid')
        )
          return json(400, { error: 'invalid_request' });
        const code = `code-${grants.size + 1}`;
        const redirectUri = ask('redirect_uri');
        grants.set(code, {
          claims: person,
          challenge: ask('code_challenge'),
          nonce: ask('nonce'),
          redirectUri,
          clientId,
        });
        const back = new URL(redirectUri);
        back.searchParams.set('code', code);
        back.searchParams.set('state', ask('state'));
        back.searchParams.set('iss', issuer);
        response.writeHead(302, { location: back.href }).end();
        return;
      }
      case '/token': {
        asked.tokens += 1;
        const form = new URLSearchParams(await text(request));
        const grant = grants.get(form.get('code') ?? '');
        grants.delete(form.get('code') ?? '');
        const challenge = createHash('sha256')
          .update(form.get('code_verifier') ?? '')
          .digest('base64url');
        const encoded = (part: string) => new URLSearchParams({ '': part }).toString().slice(1);
        const basic = Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64');
        if (request.headers.authorization !== `Basic ${basic}`) return json(401, { error: 'invalid_client' });
        if (!grant || grant.challenge !== challenge || grant.redirectUri !== form.get('redirect_uri'))
          return json(400, { error: 'invalid_grant' });
        const seconds = Math.floor(Date.now() / 1000);
        const claims = forge({
          iss: issuer,
          aud: clientId,
          iat: seconds,
          exp: seconds + 300,
          nonce: grant.nonce,
          ...grant.claims,
        });
        return json(200, { access_token: 'opaque', token_type: 'Bearer', id_token: await sign(claims) });
      }
      default:
        return json(404, {});
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    issuer,
    clientId,
    clientSecret,
    publicKey,
    asked,
    sign,
    /** Who logs in there from now on. */
    is(claims: JWTPayload): void {
      person = claims;
    },
    /** Changes the claims of every token that it gives from now on. */
    forge(change: (claims: JWTPayload) => JWTPayload): void {
      forge = change;
    },
    /** A token as its API clients have it. */
    token: (claims: JWTPayload = {}) => {
      const seconds = Math.floor(Date.now() / 1000);
      return sign({ iss: issuer, aud: 'sluice-api', sub: 'robot', exp: seconds + 300, ...claims });
    },
    takeKeysDown(): void {
      keysAreUp = false;
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

export type FakeIssuer = Awaited<ReturnType<typeof fakeIssuer>>;
