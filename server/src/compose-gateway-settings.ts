import { isDeepStrictEqual } from 'node:util';
import { noBranding } from '../../shared/src/branding.ts';
import { brandingSchema } from './config/branding.ts';
import { type ConfigFile, modelFactsSchema } from './config/schema.ts';
import { createFresh } from './core/fresh.ts';
import { createStoredCopy, type StoredCopy } from './core/stored-copy.ts';
import { createBrandingService } from './gateway-settings/branding-service.ts';
import { createModelService } from './gateway-settings/model-service.ts';
import { openProvider, type ProviderSecrets } from './gateway-settings/provider-secrets.ts';
import { createProviderService, type ProviderWish } from './gateway-settings/provider-service.ts';
import type { GatewaySettingsDeps, SettingsInForce } from './http/platform/gateway-settings.ts';
import { version } from './http/version.ts';
import type { MasterKey } from './identity/master-key.ts';
import type { ProviderSettings } from './providers/provider.ts';
import { createProvider } from './providers/registry.ts';
import type { Bus } from './realtime/bus.ts';
import { nothingStored, type Setup, type StoredProvider, type StoredSetup } from './setup.ts';
import type { AuditedChange } from './store/audit-store.ts';
import { createBrandingStore } from './store/branding-store.ts';
import type { Sql } from './store/database.ts';
import { createGatewayModelStore } from './store/gateway-model-store.ts';
import { createGatewayProviderStore, type GatewayProviderRow } from './store/gateway-provider-store.ts';

export interface StoredSettingsDeps {
  sql: () => Promise<Sql>;
  /** How often they are looked at; undefined where everybody who changes them tells. */
  everyMs: number | undefined;
  master: () => MasterKey;
  /** Called when they are others than before. */
  onChange(): void;
  onFault(error: unknown): void;
}

/** The providers and facts of models that operators set, in memory. */
export function composeStoredSettings({ sql, everyMs, master, onChange, onFault }: StoredSettingsDeps) {
  return createStoredCopy<StoredSetup>({
    empty: nothingStored,
    everyMs,
    load: () => readStoredSettings({ sql, master, onFault }),
    onRead(value, before) {
      if (!isDeepStrictEqual(value, before)) onChange();
    },
    onFault,
  });
}

/** The providers and facts of models that operators set, as they are now. Rejects when the database cannot be asked. */
export async function readStoredSettings({
  sql,
  master,
  onFault,
}: Pick<StoredSettingsDeps, 'sql' | 'master' | 'onFault'>): Promise<StoredSetup> {
  const [providers, models] = await Promise.all([
    createGatewayProviderStore(sql).list(),
    createGatewayModelStore(sql).list(),
  ]);
  return {
    providers: providers.map((row) => readProvider(master(), row)),
    models: models.flatMap(({ id, facts }) => {
      const read = modelFactsSchema.safeParse(facts);
      if (!read.success) onFault(read.error);
      return read.success ? [{ ...read.data, id }] : [];
    }),
  };
}

/** A row as the setup takes it; one that cannot be used says why. */
function readProvider(master: MasterKey, row: GatewayProviderRow): StoredProvider {
  const { id, enabled, settings, hint } = row;
  const known = { id, enabled, ...(hint !== null && { hint }) };
  if (settings === null) return known;
  try {
    const made = settingsOf(id, settings as unknown as ProviderWish, openProvider(master, row));
    createProvider(made, {});
    return { ...known, settings: made };
  } catch (error) {
    return { ...known, fault: (error as Error).message };
  }
}

const settingsOf = (id: string, wish: ProviderWish, secrets: ProviderSecrets): ProviderSettings =>
  ({
    ...wish,
    id,
    ...(secrets.apiKey !== undefined && { apiKey: secrets.apiKey }),
    ...((wish.options ?? secrets.options) && { options: { ...wish.options, ...secrets.options } }),
  }) as ProviderSettings;

export interface GatewaySettingsParts {
  sql: () => Promise<Sql>;
  audited: AuditedChange;
  bus: Pick<Bus, 'subscribe'>;
  master: MasterKey;
  stored: StoredCopy<StoredSetup>;
  setup(): Setup;
  /** How this process was started. */
  started: Omit<SettingsInForce, 'settings' | 'version'>;
}

/** What operators set while the gateway runs: providers, facts of models, what the app looks like. */
export function composeGatewaySettings(parts: GatewaySettingsParts): GatewaySettingsDeps {
  const { sql, audited, bus, master, stored, setup, started } = parts;
  const brandings = createBrandingStore(sql);
  const branding = createFresh(async () => brandingSchema.parse((await brandings.get()) ?? noBranding), {
    maxAgeMs: 5000,
  });
  bus.subscribe(['provider', 'model'], stored.quietly);
  bus.subscribe(['branding'], branding.forget);
  return {
    inForce: () => ({ ...started, version, settings: openSettings(setup().config) }),
    providers: createProviderService({
      store: createGatewayProviderStore(sql),
      master,
      audited,
      isInFile: (id) => Object.hasOwn(setup().config.providers, id),
      exists: (id) => setup().providers.has(id) || stored.current().providers.some((each) => each.id === id),
      check: (id, { apiKey, ...wish }) => void createProvider(settingsOf(id, wish as ProviderWish, { apiKey }), {}),
      refresh: stored.refresh,
    }),
    models: createModelService({
      store: createGatewayModelStore(sql),
      audited,
      isInFile: (id) => setup().config.models.some((model) => model.id === id),
      isServed: (id) => setup().registry.findModel(id)?.model.id === id,
      refresh: stored.refresh,
    }),
    branding: createBrandingService({ store: brandings, audited, known: branding }),
  };
}

/** The sections that hold no secrets. Providers and models have pages of their own. */
function openSettings(config: ConfigFile) {
  const { baseline, discovery, retries, limits, budgets, cache, chat, logging, egress } = config;
  return { baseline, discovery, retries, limits, budgets, cache, chat, logging, egress };
}
