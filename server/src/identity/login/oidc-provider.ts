import { createAuthorizationURL, type OAuthProvider } from '@better-auth/core/oauth2';
import type { JWTPayload } from 'jose';
import { SluiceError } from '../../core/sluice-error.ts';
import type { Issuers } from './issuers.ts';
import { subjectAt } from './names.ts';
import type { OidcSettings } from './settings.ts';

/** An issuer that people log in at: authorization code with PKCE, state and nonce. All it needs to fetch goes by `issuers`. */
export function createOidcProvider(
  { id, name = id, issuer, clientId, clientSecret, scopes, algorithms }: OidcSettings,
  issuers: Issuers,
): OAuthProvider<JWTPayload> {
  return {
    id,
    name,
    issuer,
    requiresIdTokenNonce: true,
    accountSubject: ({ profile }) => subjectAt(issuer, profile.sub ?? ''),
    async createAuthorizationURL({ state, codeVerifier, redirectURI, idTokenNonce, loginHint }) {
      const { authorizationEndpoint } = await issuers.metadataOf(issuer);
      if (!authorizationEndpoint) throw lacks(issuer, 'authorization_endpoint');
      return createAuthorizationURL({
        id,
        options: { clientId },
        authorizationEndpoint,
        state,
        codeVerifier,
        scopes: [...new Set(['openid', ...scopes])],
        redirectURI,
        nonce: idTokenNonce,
        loginHint,
      });
    },
    async validateAuthorizationCode({ code, codeVerifier, redirectURI }) {
      const { tokenEndpoint, basicAuthentication } = await issuers.metadataOf(issuer);
      if (!tokenEndpoint) throw lacks(issuer, 'token_endpoint');
      const form = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: redirectURI });
      if (codeVerifier) form.set('code_verifier', codeVerifier);
      const headers: Record<string, string> = {};
      if (clientSecret && basicAuthentication) headers.authorization = basic(clientId, clientSecret);
      else {
        form.set('client_id', clientId);
        if (clientSecret) form.set('client_secret', clientSecret);
      }
      const answer = (await issuers.postForm(tokenEndpoint, form, headers)) as Record<string, unknown> | null;
      // What the issuer would let us do in the person's name is not asked for, so no access token is kept.
      return typeof answer?.id_token === 'string' ? { idToken: answer.id_token } : null;
    },
    async getUserInfo({ idToken, expectedIdTokenNonce }) {
      if (!idToken || !expectedIdTokenNonce) return null;
      const claims = await issuers.verify(idToken, { issuer, audience: clientId, algorithms }).catch(() => undefined);
      if (!claims || claims.nonce !== expectedIdTokenNonce) return null;
      // With several audiences it must have been issued to us (Core 1.0, 3.1.3.7).
      if (Array.isArray(claims.aud) && claims.aud.length > 1 && claims.azp !== clientId) return null;
      const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
      const email = text(claims.email);
      return {
        user: {
          name: text(claims.name) ?? text(claims.preferred_username) ?? email,
          email,
          emailVerified: claims.email_verified === true,
        },
        data: claims,
      };
    },
  };
}

/** RFC 6749, 2.3.1: each half is form-encoded first. */
const basic = (clientId: string, clientSecret: string) =>
  `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')}`;

const formEncoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);

const lacks = (issuer: string, what: string) =>
  new SluiceError('unavailable', `The issuer at ${new URL(issuer).host} publishes no ${what}.`);
