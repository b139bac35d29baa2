import type { Catalog } from './catalog/catalog.ts';
import { createCatalog } from './catalog/catalog.ts';
import { type GroupSettings, nameOf } from './config/group.ts';
import { ConfigError, type Environment, faultAt } from './config/load.ts';
import type { ConfigFile, ModelSettings } from './config/schema.ts';
import type { ModelInfo } from './core/model-info.ts';
import { SluiceError } from './core/sluice-error.ts';
import type { Provider, ProviderSettings } from './providers/provider.ts';
import { createProvider, discoverProviders } from './providers/registry.ts';
import { sandboxModels } from './providers/sandbox/index.ts';
import { builtInGroups, createRegistry, type Group, type Registry, type RoutedModel } from './router/registry.ts';

/** Where the settings of a provider stand. Of two that have one name the file's count, then the database's. */
export type ProviderOrigin = 'file' | 'database' | 'environment' | 'built-in';

/** A provider as the database knows it: settings of its own, or only whether one that stands elsewhere is in use. */
export interface StoredProvider {
  id: string;
  enabled: boolean;
  /** Its secrets included. */
  settings?: ProviderSettings;
  /** What a person may recognise its key by. */
  hint?: string;
  /** Why its settings cannot be used. */
  fault?: string;
}

/** What operators set while the gateway runs. */
export interface StoredSetup {
  providers: readonly StoredProvider[];
  /** Facts of models, by `provider/model`. */
  models: readonly ModelSettings[];
}

export const nothingStored: StoredSetup = { providers: [], models: [] };

/** What a configuration comes to: providers, what is known of models, and who answers to which name. Replaced whole on reload. */
export interface Setup {
  config: ConfigFile;
  providers: Map<string, Provider>;
  catalog: Catalog;
  registry: Registry;
  baseline: ModelInfo | undefined;
  /** What each provider was made of, its secrets included. */
  settings: ReadonlyMap<string, ProviderSettings>;
  /** The providers that the environment switched on, with what did it. */
  discovered: string[];
  /** Where each provider's settings stand. */
  origins: ReadonlyMap<string, ProviderOrigin>;
  stored: StoredSetup;
}

/** Models that providers said they serve, by provider id. */
export type ReportedModels = ReadonlyMap<string, readonly ModelInfo[]>;

/** The value of a secret that a configuration names, or the text itself; undefined when it is not known. */
export type SecretOf = (text: string) => string | undefined;

/** A group as the router knows it. */
export const groupOf = (
  name: string,
  origin: Group['origin'],
  { models, strategy = 'ordered', ...rest }: GroupSettings,
): Group => ({
  ...rest,
  name,
  origin,
  strategy,
  members: models.map((member) => ({
    model: nameOf(member),
    weight: (typeof member === 'string' ? undefined : member.weight) ?? 1,
  })),
});

export interface SetupParts {
  reported?: ReportedModels;
  secretOf?: SecretOf;
  storedGroups?: () => readonly Group[];
  stored?: StoredSetup;
}

/**
 * Builds a setup. Throws ConfigError when the file's settings of a provider cannot be used or a name in it leads nowhere; the
 * file may name what it and the environment provide, for the database is opened later.
 */
export function createSetup(config: ConfigFile, environment: Environment, parts: SetupParts = {}): Setup {
  const filed = buildSetup(config, environment, { ...parts, stored: undefined });
  checkReferences(config, filed.providers, filed.registry);
  const { stored } = parts;
  if (!stored || stored.providers.length + stored.models.length === 0) return filed;
  return { ...buildSetup(config, environment, parts), baseline: filed.baseline };
}

/** Nothing of the environment goes to a provider that was added while the gateway runs: its keys are the machine owner's. */
const noEnvironment: Environment = {};

function buildSetup(
  config: ConfigFile,
  environment: Environment,
  { reported = new Map(), secretOf = (text) => text, storedGroups, stored = nothingStored }: SetupParts,
): Setup {
  const found = config.discovery ? discoverProviders(environment) : [];
  const settings = new Map<string, ProviderSettings>();
  const origins = new Map<string, ProviderOrigin>();
  const add = (each: ProviderSettings, origin: ProviderOrigin): void => {
    settings.set(each.id, each);
    origins.set(each.id, origin);
  };
  for (const each of found) add(each, 'environment');
  for (const each of stored.providers) if (each.settings) add(each.settings, 'database');
  const faults: string[] = [];
  for (const [id, { apiKey, apiKeys, queue: _, ...rest }] of Object.entries(config.providers)) {
    const secret = (text: string, ...path: PropertyKey[]): string => {
      const value = secretOf(text);
      if (value === undefined) faults.push(faultAt(config, ['providers', id, ...path], `${text} could not be read`));
      return value ?? '';
    };
    const known = {
      ...rest,
      id,
      ...(apiKey !== undefined && { apiKey: secret(apiKey, 'apiKey') }),
      apiKeys: apiKeys?.map((each, index) =>
        typeof each === 'string'
          ? { key: secret(each, 'apiKeys', index) }
          : { ...each, key: secret(each.key, 'apiKeys', index, 'key') },
      ),
    };
    add(known, 'file');
  }
  if (faults.length > 0) throw new ConfigError(faults);
  // Nothing else can answer: the offline sandbox does, so that a newcomer sees everything work.
  if (settings.size === 0) add({ id: 'sandbox', kind: 'sandbox' }, 'built-in');

  const providers = new Map<string, Provider>();
  for (const each of settings.values()) {
    try {
      providers.set(each.id, createProvider(each, origins.get(each.id) === 'database' ? noEnvironment : environment));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      faults.push(faultAt(config, error.facts.param?.split('.') ?? ['providers', each.id], error.message));
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  const storedModels = stored.models.filter(
    ({ id }) => providers.has(placeOf(id).provider) && !config.models.some((model) => model.id === id),
  );
  const catalog = createCatalog({
    overrides: overridesOf(config, storedModels, providers.values()),
    providers: Object.fromEntries(
      [...providers.values()].map(({ id, catalogId, local }) => [id, { catalogId, local }]),
    ),
  });
  catalog.report([...reported.values()].flat());

  const disabled = new Set(stored.providers.filter(({ enabled }) => !enabled).map(({ id }) => id));
  const inUse = [...providers.values()].filter(({ id }) => !disabled.has(id));
  const find = (provider: string, upstream: string): ModelInfo =>
    catalog.find(provider, upstream) ?? { provider, id: upstream };
  const configured = [...config.models, ...storedModels].flatMap((model) => {
    const routed = routedModel(model, find);
    const deployments = routed.deployments.filter(({ provider }) => !disabled.has(provider));
    return deployments.length > 0 ? [{ ...routed, deployments }] : [];
  });
  const known = new Set(configured.map(({ id }) => id));
  const listed: RoutedModel[] = [];
  for (const provider of inUse) {
    for (const { id: upstream } of modelsOf(provider, catalog, reported)) {
      const id = `${provider.id}/${upstream}`;
      if (known.has(id)) continue;
      known.add(id);
      const info = find(provider.id, upstream);
      listed.push({ id, info, deployments: [{ id, provider: provider.id, upstream, info, weight: 1 }], fallbacks: [] });
    }
  }
  const aliases = { ...config.aliases };
  for (const { id, aliases: names } of config.models) for (const name of names ?? []) aliases[name] = id;

  const registry = createRegistry({
    // The sandbox comes last, so that a bare name finds a real provider first.
    providers: inUse
      .sort((a, b) => Number(a.kind === 'sandbox') - Number(b.kind === 'sandbox'))
      .map(({ id, kind, local }) => ({ id, kind, local, find: (upstream) => catalog.find(id, upstream) })),
    models: [...configured, ...listed],
    aliases,
    groups: Object.entries(config.groups).map(([name, settings]) => groupOf(name, 'file', settings)),
    storedGroups,
  });
  return {
    config,
    providers,
    settings,
    origins,
    stored,
    catalog,
    registry,
    baseline: config.baseline === undefined ? undefined : registry.findModel(config.baseline)?.model.info,
    discovered: found.map(({ id }) => id),
  };
}

/** What a provider serves: as it says itself, else as the catalogue says; the sandbox knows its own. */
function modelsOf(provider: Provider, catalog: Catalog, reported: ReportedModels): readonly ModelInfo[] {
  const said = reported.get(provider.id);
  if (said && said.length > 0) return said;
  if (provider.kind === 'sandbox') return sandboxModels;
  if (!provider.catalogId) return [];
  return catalog.list().filter((model) => model.provider === provider.catalogId);
}

function overridesOf(config: ConfigFile, storedModels: readonly ModelSettings[], providers: Iterable<Provider>) {
  const sandbox = [...providers]
    .filter(({ kind }) => kind === 'sandbox')
    .flatMap(({ id }) => sandboxModels.map((model) => ({ ...model, provider: id })));
  const stored = storedModels.map((model) => ({ model, source: 'operator' }));
  const filed = config.models.map((model) => ({ model, source: 'sluice.yaml' }));
  const own = [...stored, ...filed].flatMap(
    ({ model: { id, provider, upstream, deployments, context, maxOutput, price, capabilities }, source: from }) => {
      const facts = {
        ...(context !== undefined && { context }),
        ...(maxOutput !== undefined && { maxOutput }),
        ...(price && { price }),
        ...(capabilities && { capabilities }),
      };
      const source = Object.keys(facts).length > 0 ? { source: from } : {};
      const places =
        deployments ??
        (provider ? [{ provider, upstream }] : [{ ...placeOf(id), ...(upstream !== undefined && { upstream }) }]);
      return places.map((place) => ({
        ...facts,
        ...source,
        provider: place.provider,
        id: place.upstream ?? upstream ?? placeOf(id).upstream,
      }));
    },
  );
  // Two entries may lead to one model at one provider: what the later does not say, the earlier does.
  const merged = new Map<string, ModelInfo>();
  for (const model of [...sandbox, ...own]) {
    const key = `${model.provider}/${model.id}`;
    merged.set(key, { ...merged.get(key), ...model });
  }
  return [...merged.values()];
}

type Find = (provider: string, upstream: string) => ModelInfo;

function routedModel(
  { id, provider, upstream, deployments, fallbacks = [] }: ConfigFile['models'][number],
  find: Find,
): RoutedModel {
  const named = placeOf(id);
  const places = deployments ?? [
    { provider: provider ?? named.provider, upstream: upstream ?? named.upstream, weight: 1 },
  ];
  const all = places.map(({ provider: at, upstream: model = upstream ?? named.upstream, weight = 1 }) => ({
    id: places.length === 1 ? id : `${at}/${model}`,
    provider: at,
    upstream: model,
    info: find(at, model),
    weight,
  }));
  return { id, info: all[0]!.info, deployments: all, fallbacks };
}

function placeOf(id: string): { provider: string; upstream: string } {
  const slash = id.indexOf('/');
  return slash === -1
    ? { provider: id, upstream: id }
    : { provider: id.slice(0, slash), upstream: id.slice(slash + 1) };
}

/** A name in the configuration that leads nowhere is a fault now, not at the first request. Throws ConfigError. */
const isBuiltIn = (group: string): boolean => builtInGroups.some(({ name }) => name === group);

function checkReferences(config: ConfigFile, providers: ReadonlyMap<string, Provider>, registry: Registry): void {
  const faults: string[] = [];
  const check = (name: string, ...path: PropertyKey[]) => {
    if (!registry.findModel(name)) faults.push(faultAt(config, path, `no provider serves ${JSON.stringify(name)}`));
  };
  config.models.forEach(({ id, provider, deployments, fallbacks = [] }, index) => {
    const named = deployments?.map((place, at) => ({ id: place.provider, path: ['deployments', at, 'provider'] })) ?? [
      { id: provider ?? placeOf(id).provider, path: [provider === undefined ? 'id' : 'provider'] },
    ];
    for (const { id: name, path } of named) {
      if (!providers.has(name)) {
        const what = `no provider is called ${JSON.stringify(name)}; there are ${[...providers.keys()].join(', ')}`;
        faults.push(faultAt(config, ['models', index, ...path], what));
      }
    }
    fallbacks.forEach((name, at) => {
      check(name, 'models', index, 'fallbacks', at);
    });
  });
  for (const [group, { models, verifier, classifier }] of Object.entries(config.groups)) {
    models.forEach((member, at) => {
      check(nameOf(member), 'groups', group, 'models', at);
    });
    if (verifier !== undefined) check(verifier, 'groups', group, 'verifier');
    if (classifier !== undefined) check(classifier, 'groups', group, 'classifier');
  }
  for (const [alias, name] of Object.entries(config.aliases)) {
    const group = name.startsWith('group/') ? name.slice('group/'.length) : undefined;
    if (group === undefined && !/^auto(-flash|-think|-ultra-think)?$/.test(name)) check(name, 'aliases', alias);
    else if (group !== undefined && !Object.hasOwn(config.groups, group) && !isBuiltIn(group)) {
      faults.push(faultAt(config, ['aliases', alias], `there is no group ${JSON.stringify(group)}`));
    }
  }
  if (config.baseline !== undefined) check(config.baseline, 'baseline');
  if (faults.length > 0) throw new ConfigError(faults);
}
