import { openSecrets, referencesOf } from './compose-secrets.ts';
import type { ConfigFile } from './config/schema.ts';
import type { Settings } from './config/settings.ts';
import { createEgress } from './egress/client.ts';
import type { ProviderFinding } from './operate/doctor/diagnose.ts';
import { createProviderAdmin } from './provider-admin.ts';
import { createSetup } from './setup.ts';

/** Asks every provider of a configuration for its models. Throws ConfigError when it cannot be used. */
export async function testProviders({ environment }: Settings, config: ConfigFile): Promise<ProviderFinding[]> {
  const secrets = openSecrets(environment, { refreshMs: () => Number.POSITIVE_INFINITY, onFault: () => {} });
  await secrets.load(referencesOf(config));
  const setup = createSetup(config, environment, { secretOf: secrets.known });
  const admin = createProviderAdmin({ setup: () => setup, egress: createEgress(), onPulled: async () => {} });
  const signal = new AbortController().signal;
  return Promise.all(
    [...setup.providers.values()].map(async ({ id, kind, credentials }) => {
      const { reachable, keyValid, detail } = (await admin.test(id, signal))!;
      // One that is asked without a key has none that could be wrong.
      const isKeyless = credentials.every(({ secret }) => secret === '');
      return { id, kind, reachable, keyValid: keyValid ?? (reachable && isKeyless ? true : null), detail };
    }),
  );
}
