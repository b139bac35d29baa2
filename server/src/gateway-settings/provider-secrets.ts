import { openSecret, type SealedSecret, sealSecret } from '../identity/envelope.ts';
import type { MasterKey } from '../identity/master-key.ts';
import { hintOf } from '../identity/provider-key-service.ts';
import type { GatewayProviderRow } from '../store/gateway-provider-store.ts';

/** What is secret of a provider's settings. */
export interface ProviderSecrets {
  apiKey?: string;
  /** Options that hold secrets, as AWS's. */
  options?: Record<string, unknown>;
}

/** Names of options whose values are never shown. */
const secretOptions = new Set(['secretAccessKey', 'sessionToken']);

/** Options apart: what may be shown, and what may not. */
export function partOptions(options: Record<string, unknown> = {}) {
  const entries = Object.entries(options);
  return {
    open: Object.fromEntries(entries.filter(([name]) => !secretOptions.has(name))),
    secret: Object.fromEntries(entries.filter(([name]) => secretOptions.has(name))),
  };
}

/** Where the secrets of a provider belong: no row of an organisation is called so. */
export const placeOfProvider = (id: string) => ({ organisationId: 'gateway', id: `provider/${id}`, field: 'settings' });

/** The secrets as a row holds them; all null where there are none. */
export function sealProvider(master: MasterKey, id: string, secrets: ProviderSecrets) {
  const { apiKey, options = {} } = secrets;
  if (apiKey === undefined && Object.keys(options).length === 0)
    return { hint: null, sealed: null, wrappedKey: null, masterVersion: null };
  return { hint: hintOf(apiKey ?? ''), ...sealSecret(master, placeOfProvider(id), JSON.stringify(secrets)) };
}

/** The secrets of a row. Throws an Error when they do not open. */
export function openProvider(master: MasterKey, row: GatewayProviderRow): ProviderSecrets {
  const { id, sealed, wrappedKey, masterVersion } = row;
  if (sealed === null) return {};
  const secret: SealedSecret = { sealed, wrappedKey: wrappedKey ?? '', masterVersion: masterVersion ?? 0 };
  return JSON.parse(openSecret(master, placeOfProvider(id), secret));
}
