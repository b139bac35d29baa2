import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import { askManager, fieldOf, type Send, unavailable } from './ask-manager.ts';
import type { SecretReference } from './reference.ts';

export interface GoogleSecretsDeps {
  environment: Record<string, string | undefined>;
  send: Send;
  readFile(path: string): Promise<string>;
  /** Milliseconds since 1970. */
  now: () => number;
}

const manager = 'Google Secret Manager';
const scope = 'https://www.googleapis.com/auth/cloud-platform';
const tokenLifeSeconds = 3600;
// Asked for again this long before its end.
const spareMs = 60_000;

const accountSchema = z.object({
  client_email: z.string().min(1),
  private_key: z.string().min(1),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }).default('https://oauth2.googleapis.com/token'),
});
const tokenSchema = z.object({ access_token: z.string().min(1), expires_in: z.number() });
const secretSchema = z.object({ payload: z.object({ data: z.string() }) });
const errorSchema = z.object({ error: z.object({ status: z.string() }) });

/**
 * Reads secrets of Google Secret Manager
 * (https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access) with the service account
 * of GOOGLE_APPLICATION_CREDENTIALS (the path of its JSON key), by the OAuth 2.0 JWT bearer grant (RFC 7523).
 * CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER names another address.
 */
export function createGoogleSecrets({ environment, send, readFile, now }: GoogleSecretsDeps) {
  let token: { value: string; untilMs: number } | undefined;

  async function readAccount(): Promise<z.infer<typeof accountSchema>> {
    const path = environment.GOOGLE_APPLICATION_CREDENTIALS;
    if (!path) throw unavailable(manager, 'needs GOOGLE_APPLICATION_CREDENTIALS, the path of a service account key');
    try {
      return accountSchema.parse(JSON.parse(await readFile(path)));
    } catch {
      throw unavailable(manager, `cannot use ${path}: it is no service account key in JSON`);
    }
  }

  async function accessToken(): Promise<string> {
    if (token && now() < token.untilMs) return token.value;
    const { client_email, private_key, private_key_id, token_uri } = await readAccount();
    const nowSeconds = Math.floor(now() / 1000);
    const key = await importPKCS8(private_key, 'RS256').catch(() => {
      throw unavailable(manager, 'cannot use the private key of the service account');
    });
    const assertion = await new SignJWT({ scope })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(private_key_id && { kid: private_key_id }) })
      .setIssuer(client_email)
      .setAudience(token_uri)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + tokenLifeSeconds)
      .sign(key);
    const { status, body } = await askManager(send, manager, token_uri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString(),
    });
    const parsed = tokenSchema.safeParse(body);
    if (status !== 200 || !parsed.success) throw unavailable(manager, `gives no access token (status ${status})`);
    token = { value: parsed.data.access_token, untilMs: now() + parsed.data.expires_in * 1000 - spareMs };
    return token.value;
  }

  return async function readGoogleSecret({ name, field }: SecretReference): Promise<string> {
    if (!/^projects\/[^/]+\/(locations\/[^/]+\/)?secrets\/[^/]+\/versions\/[^/]+$/.test(name))
      throw unavailable(manager, 'references look like gcp-sm:projects/<project>/secrets/<name>/versions/latest');
    const endpoint =
      environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER || 'https://secretmanager.googleapis.com/';
    const url = `${endpoint.replace(/\/+$/, '')}/v1/${name.split('/').map(encodeURIComponent).join('/')}:access`;
    const ask = async () =>
      askManager(send, manager, url, { headers: { authorization: `Bearer ${await accessToken()}` } });
    let answer = await ask();
    if (answer.status === 401) {
      token = undefined;
      answer = await ask();
    }
    if (answer.status !== 200) {
      const error = errorSchema.safeParse(answer.body);
      const word = error.success ? ` ${error.data.error.status.slice(0, 80)}` : '';
      throw unavailable(manager, `does not give ${name} (status ${answer.status}${word})`);
    }
    const parsed = secretSchema.safeParse(answer.body);
    if (!parsed.success) throw unavailable(manager, `answers for ${name} with something that is no secret`);
    return fieldOf(manager, Buffer.from(parsed.data.payload.data, 'base64').toString('utf8'), field);
  };
}
