import { toSluiceError } from './core/sluice-error.ts';
import type { Egress } from './egress/client.ts';
import { partOptions } from './gateway-settings/provider-secrets.ts';
import type { ProvidersDeps, ProviderTest } from './http/platform/providers.ts';
import type { Setup, StoredProvider } from './setup.ts';

export interface ProviderAdminDeps {
  setup(): Setup;
  egress: Egress;
  /** Called when a provider has a model that it had not. */
  onPulled(): Promise<void>;
}

const testMs = 15_000;

/** What the platform API can say of providers and ask of them. */
export function createProviderAdmin({ setup, egress, onPulled }: ProviderAdminDeps): ProvidersDeps {
  return {
    registry: () => setup().registry,
    saidOf(model) {
      const stored = setup().stored.models.find(({ id }) => id === model);
      if (!stored) return undefined;
      const { id: _, ...said } = stored;
      return said;
    },
    list() {
      const { providers, registry, origins, stored } = setup();
      const models = registry.models();
      const kept = new Map(stored.providers.map((each) => [each.id, each]));
      const running = [...providers.values()].map(({ id, kind, local, wires, credentials }) => ({
        id,
        kind,
        local,
        wires,
        credentials: credentials.map((credential) => credential.id),
        models: models.filter(({ deployments }) => deployments.some(({ provider }) => provider === id)).length,
        origin: origins.get(id) ?? 'file',
        enabled: kept.get(id)?.enabled ?? true,
        ...(origins.get(id) === 'database' && shownSettings(kept.get(id)!)),
      }));
      const faulty = stored.providers
        .filter(({ id, fault }) => fault !== undefined && !providers.has(id))
        .map(({ id, fault, hint }) => ({
          id,
          kind: '',
          local: false,
          wires: [],
          credentials: [],
          models: 0,
          origin: 'database' as const,
          enabled: false,
          keyHint: hint,
          fault,
        }));
      return [...running, ...faulty];
    },
    async test(id, signal) {
      const provider = setup().providers.get(id);
      if (!provider) return undefined;
      const startedMs = performance.now();
      const found = (rest: Omit<ProviderTest, 'id' | 'latencyMs'>): ProviderTest => ({
        id,
        latencyMs: Math.round(performance.now() - startedMs),
        ...rest,
      });
      try {
        const models = await provider.listModels(egress, AbortSignal.any([signal, AbortSignal.timeout(testMs)]));
        const keyValid = provider.credentials.some(({ secret }) => secret !== '') ? true : null;
        return found({ reachable: true, keyValid, models: models.length, detail: `serves ${models.length} models` });
      } catch (thrown) {
        const error = toSluiceError(thrown);
        return found({
          reachable: error.facts.upstream?.status !== undefined,
          keyValid: error.code === 'upstream_credential' ? false : null,
          models: null,
          detail: error.message,
        });
      }
    },
    pull(id, model, signal) {
      const provider = setup().providers.get(id);
      if (!provider?.pullModel) return undefined;
      const steps = provider.pullModel(model, egress, signal);
      return (async function* () {
        yield* steps;
        await onPulled();
      })();
    },
  };
}

/** What may be shown of a provider that operators added. */
function shownSettings({ settings, hint }: StoredProvider) {
  const { baseUrl, options, wires, firstByteMs } = settings!;
  const { open } = partOptions(options);
  return { settings: { baseUrl, options: open, wires, firstByteMs }, keyHint: hint };
}
