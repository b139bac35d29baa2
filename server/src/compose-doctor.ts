import { readStoredSettings } from './compose-gateway-settings.ts';
import { openSecrets, referencesOf } from './compose-secrets.ts';
import type { ConfigFile } from './config/schema.ts';
import type { Settings } from './config/settings.ts';
import { createEgress } from './egress/client.ts';
import { findMasterKey } from './identity/master-key.ts';
import type { ProviderFinding } from './operate/doctor/diagnose.ts';
import { createProviderAdmin } from './provider-admin.ts';
import { createSetup, type StoredSetup } from './setup.ts';
import type { Tables } from './store/database.ts';

/**
 * Asks every provider for its models: those of the configuration, and those that operators added, when there is a database to
 * read them from. Throws ConfigError when the configuration cannot be used.
 */
export async function testProviders(
  settings: Settings,
  config: ConfigFile,
  tables: Tables | undefined,
): Promise<ProviderFinding[]> {
  const { environment } = settings;
  const secrets = openSecrets(environment, { refreshMs: () => Number.POSITIVE_INFINITY, onFault: () => {} });
  await secrets.load(referencesOf(config));
  const stored = tables && (await readStored(settings, tables));
  const setup = createSetup(config, environment, { secretOf: secrets.known, stored });
  const admin = createProviderAdmin({ setup: () => setup, egress: createEgress(), onPulled: async () => {} });
  const signal = new AbortController().signal;
  const asked = await Promise.all(
    [...setup.providers.values()].map(async ({ id, kind, credentials }) => {
      const { reachable, keyValid, detail } = (await admin.test(id, signal))!;
      // One that is asked without a key has none that could be wrong.
      const isKeyless = credentials.every(({ secret }) => secret === '');
      return { id, kind, reachable, keyValid: keyValid ?? (reachable && isKeyless ? true : null), detail };
    }),
  );
  const unusable = admin
    .list()
    .flatMap(({ id, kind, fault }) =>
      fault === undefined ? [] : [{ id, kind, reachable: false, keyValid: null, detail: '', fault }],
    );
  return [...asked, ...unusable];
}

/** What operators added; undefined where the tables are not there yet, of which the database's own check tells. */
async function readStored({ dataDir, masterKey }: Settings, { sql }: Tables): Promise<StoredSetup | undefined> {
  try {
    const master = findMasterKey(dataDir, masterKey);
    // Without one nothing can have been sealed.
    if (!master) return undefined;
    return await readStoredSettings({ sql: async () => sql, master: () => master, onFault: () => {} });
  } catch {
    return undefined;
  }
}
