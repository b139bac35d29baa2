import type { z } from 'zod';
import { invalidRequest, type SluiceError } from '../core/sluice-error.ts';
import type { Credential, ProviderSettings } from './provider.ts';

export type Environment = Record<string, string | undefined>;

/** An address that paths are put behind; what its query holds is kept on every call. */
export interface BaseUrl {
  href: string;
  hostname: string;
  /** `path` begins with a slash and is percent-encoded; it may carry a query of its own. */
  at(path: string): string;
}

/** A fault in one provider's settings, named by its path in the configuration. */
export const settingsFault = (settings: ProviderSettings, field: string, message: string): SluiceError =>
  invalidRequest(message, `providers.${settings.id}.${field}`);

/** A variable's value; an empty one counts as not set. */
export const variable = (environment: Environment, name: string): string | undefined =>
  environment[name]?.trim() || undefined;

/** Reads an http(s) address. Throws `invalid_request`. */
export function readBaseUrl(settings: ProviderSettings, fallback: string | undefined): BaseUrl {
  const text = settings.baseUrl ?? fallback;
  if (text === undefined) throw settingsFault(settings, 'baseUrl', `A ${settings.kind} provider needs a baseUrl.`);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw settingsFault(settings, 'baseUrl', 'baseUrl must be an address like https://api.example.com/v1.');
  }
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    throw settingsFault(settings, 'baseUrl', 'Leave the password out of baseUrl and set apiKey or headers instead.');
  }
  const prefix = url.origin + url.pathname.replace(/\/+$/, '');
  const query = url.search.slice(1);
  return {
    href: prefix,
    hostname: url.hostname,
    at: (path) => (query === '' ? prefix + path : `${prefix}${path}${path.includes('?') ? '&' : '?'}${query}`),
  };
}

/**
 * The credentials of a provider: `apiKeys`, else `apiKey`, else the first of the environment's variables that is set. With
 * none, an empty secret when the provider can do without, and else an error that says what to set.
 */
export function readCredentials(
  settings: ProviderSettings,
  environment: Environment,
  { variables, optional = false }: { variables: readonly string[]; optional?: boolean },
): Credential[] {
  const name = (id: string) => `${settings.id}/${id}`;
  if (settings.apiKeys && settings.apiKeys.length > 0) {
    const credentials = settings.apiKeys.map(({ id, key, weight = 1 }, index) => {
      if (key.trim() === '') throw settingsFault(settings, `apiKeys[${index}].key`, 'The key is empty.');
      if (!(Number.isFinite(weight) && weight > 0)) {
        throw settingsFault(settings, `apiKeys[${index}].weight`, 'weight must be a number above 0.');
      }
      return { id: name(id ?? `key-${index + 1}`), weight, secret: key.trim() };
    });
    const twice = credentials.findIndex(({ id }, at) => credentials.findIndex((other) => other.id === id) !== at);
    if (twice !== -1) throw settingsFault(settings, `apiKeys[${twice}].id`, 'Two keys have the same id.');
    return credentials;
  }
  const found = variables.map((key) => variable(environment, key)).find((value) => value !== undefined);
  const secret = settings.apiKey?.trim() || found;
  if (secret !== undefined) return [{ id: name('key-1'), weight: 1, secret }];
  if (optional) return [{ id: name('no-key'), weight: 1, secret: '' }];
  const hint = variables.length > 0 ? `Set apiKey, or ${variables.join(' or ')} in the environment.` : 'Set apiKey.';
  throw settingsFault(settings, 'apiKey', `A ${settings.kind} provider needs a key. ${hint}`);
}

/** The operator's own headers, names in lower case. Throws when one cannot be sent. */
export function readHeaders(settings: ProviderSettings): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings.headers ?? {})) {
    if (/^(host|content-length|connection|transfer-encoding)$/i.test(name)) {
      throw settingsFault(settings, `headers.${name}`, 'This header is set by the connection itself.');
    }
    try {
      new Headers({ [name]: value });
    } catch {
      throw settingsFault(settings, `headers.${name}`, 'This is no valid header name or value.');
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

/** The kind's own options, checked. Unknown fields are refused by name. */
export function readOptions<T>(settings: ProviderSettings, schema: z.ZodType<T>): T {
  const read = schema.safeParse(settings.options ?? {});
  if (read.success) return read.data;
  const issue = read.error.issues[0]!;
  const keys = issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : [];
  const path = ['options', ...issue.path.map(String), ...keys].join('.');
  const reason = keys.length > 0 ? `A ${settings.kind} provider has no option ${keys[0]}.` : issue.message;
  throw settingsFault(settings, path, reason);
}

/** Loopback, private networks and names without a public suffix: a machine of the operator's own. */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (
    /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(host)
  ) {
    return /^[\d.]+$/.test(host);
  }
  if (host.includes(':')) return host === '::1' || /^f[cd][0-9a-f]{2}:|^fe80:/.test(host);
  if (/^[\d.]+$/.test(host)) return host === '0.0.0.0';
  return !host.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)$/.test(host);
}
