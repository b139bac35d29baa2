import { z } from 'zod';
import { askManager, type ManagerAnswer, memberOf, type Send, unavailable } from './ask-manager.ts';
import type { SecretReference } from './reference.ts';

export interface VaultDeps {
  environment: Record<string, string | undefined>;
  send: Send;
  /** Monotonic milliseconds. */
  nowMs: () => number;
}

interface Token {
  token: string;
  renewable: boolean;
  /** When two thirds of its lease are over: it is renewed, or another one fetched. */
  renewAtMs: number;
  /** When it ends; never, for a token without a lease. */
  endsMs: number;
}

const manager = 'Vault';
const authSchema = z.object({
  auth: z.object({ client_token: z.string().min(1), lease_duration: z.number(), renewable: z.boolean().optional() }),
});
const lookupSchema = z.object({ data: z.object({ ttl: z.number(), renewable: z.boolean().optional() }) });
const secretSchema = z.object({
  data: z.object({ data: z.record(z.string(), z.unknown()).nullable() }),
});
const errorsSchema = z.object({ errors: z.array(z.string()) });

/**
 * Reads secrets of HashiCorp Vault's KV version 2 over its HTTP API (https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2).
 * With VAULT_TOKEN, which is renewed while it can be, or with AppRole (VAULT_ROLE_ID, VAULT_SECRET_ID), which logs in again
 * when its token ends or is refused. Also read: VAULT_ADDR, VAULT_NAMESPACE, VAULT_APPROLE_PATH.
 */
export function createVault({ environment, send, nowMs }: VaultDeps) {
  let current: Token | undefined;
  let getting: Promise<Token> | undefined;

  function settings() {
    const address = environment.VAULT_ADDR?.trim().replace(/\/+$/, '');
    if (!address || !/^https?:\/\//.test(address))
      throw unavailable(manager, 'has no address: set VAULT_ADDR to one like https://vault.example.com:8200');
    const { VAULT_ROLE_ID: roleId, VAULT_SECRET_ID: secretId, VAULT_TOKEN: token } = environment;
    const role = roleId && secretId ? { role_id: roleId, secret_id: secretId } : undefined;
    if (!role && !token) throw unavailable(manager, 'needs VAULT_TOKEN, or VAULT_ROLE_ID and VAULT_SECRET_ID');
    return { address, token: token?.trim() ?? '', role };
  }

  async function ask(path: string, { token, body }: { token?: string; body?: object }): Promise<ManagerAnswer> {
    const namespace = environment.VAULT_NAMESPACE;
    const init = {
      method: body ? 'POST' : 'GET',
      headers: {
        'x-vault-request': 'true',
        ...(token !== undefined && { 'x-vault-token': token }),
        ...(namespace && { 'x-vault-namespace': namespace }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    };
    const { address } = settings();
    const answer = await askManager(send, manager, `${address}/v1/${path}`, init);
    // A standby node may point at the active one.
    const location = answer.headers.get('location');
    if ((answer.status !== 307 && answer.status !== 308) || !location) return answer;
    const target = new URL(location, address);
    if (address.startsWith('https:') && target.protocol !== 'https:')
      throw unavailable(manager, 'points from https to http, where its token is not sent');
    return askManager(send, manager, target.href, init);
  }

  async function logIn(role: object): Promise<Token> {
    const mount = environment.VAULT_APPROLE_PATH?.replace(/^\/+|\/+$/g, '') || 'approle';
    return toToken(await ask(`auth/${mount}/login`, { body: role }), 'refused the AppRole');
  }

  function toToken(answer: ManagerAnswer, refusal: string): Token {
    const parsed = authSchema.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success) throw fault(answer, refusal);
    const { client_token: token, lease_duration: seconds, renewable = false } = parsed.data.auth;
    return leased(token, seconds, renewable);
  }

  function leased(token: string, seconds: number, renewable: boolean): Token {
    // A lease of 0 is a root token's: it does not end.
    const ms = seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY;
    return { token, renewable, renewAtMs: nowMs() + (ms * 2) / 3, endsMs: nowMs() + ms };
  }

  /** What is left of a token that was given to us; a policy that does not let it ask leaves it as it is. */
  async function lookUp(token: string): Promise<Token> {
    const answer = await ask('auth/token/lookup-self', { token });
    const parsed = lookupSchema.safeParse(answer.body);
    if (answer.status === 200 && parsed.success)
      return leased(token, parsed.data.data.ttl, parsed.data.data.renewable ?? false);
    if (answer.status !== 403) throw fault(answer, 'says nothing of its token');
    return leased(token, 0, false);
  }

  async function renew(token: Token): Promise<Token | undefined> {
    if (!token.renewable || nowMs() >= token.endsMs) return undefined;
    try {
      return toToken(await ask('auth/token/renew-self', { token: token.token, body: {} }), 'did not renew its token');
    } catch {
      return undefined;
    }
  }

  async function freshToken(): Promise<Token> {
    const { role, token } = settings();
    if (current && nowMs() < current.renewAtMs) return current;
    const renewed = current && (await renew(current));
    if (renewed) return renewed;
    if (role) return logIn(role);
    return lookUp(token);
  }

  /** Those who ask at the same time share one login. */
  function tokenNow(): Promise<Token> {
    getting ??= freshToken()
      .then((token) => {
        current = token;
        return token;
      })
      .finally(() => {
        getting = undefined;
      });
    return getting;
  }

  return async function readVault({ name, field }: SecretReference): Promise<string> {
    if (field === undefined) throw unavailable(manager, 'references need a field, like vault:secret/openai#key');
    const path = apiPath(name);
    const used = await tokenNow();
    let answer = await ask(path, { token: used.token });
    if (answer.status === 403 && settings().role) {
      // The token was revoked, or its policies have changed: another one may do.
      if (current === used) current = undefined;
      answer = await ask(path, { token: (await tokenNow()).token });
    }
    const parsed = secretSchema.safeParse(answer.body);
    if (answer.status === 404) throw unavailable(manager, `has no secret at ${name}, or its newest version is deleted`);
    if (answer.status !== 200) throw fault(answer, `does not give ${name}`);
    if (!parsed.success || parsed.data.data.data === null)
      throw unavailable(manager, `answers for ${name} with something that is no secret of KV version 2`);
    return memberOf(manager, parsed.data.data.data, field);
  };
}

/** `secret/openai` is read at `secret/data/openai`; a mount of several parts is told by writing `data` where it belongs. */
function apiPath(name: string): string {
  const parts = name.split('/').filter((part) => part !== '');
  if (parts.length < 2 || parts.some((part) => part === '.' || part === '..'))
    throw unavailable(manager, 'references need a mount and a path, like vault:secret/openai#key');
  const full = parts.slice(1, -1).includes('data') ? parts : [parts[0]!, 'data', ...parts.slice(1)];
  return full.map(encodeURIComponent).join('/');
}

/** Vault's own reasons hold no secret: they are fixed texts. Of warnings and the like nothing is repeated. */
function fault({ status, body }: ManagerAnswer, what: string) {
  const parsed = errorsSchema.safeParse(body);
  const reason =
    parsed.success && parsed.data.errors.length > 0 ? `: ${parsed.data.errors.join('; ').slice(0, 200)}` : '';
  return unavailable(manager, `${what} (status ${status}${reason})`);
}
