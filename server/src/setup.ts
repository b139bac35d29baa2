import type { Catalog } from './catalog/catalog.ts';
import { createCatalog } from './catalog/catalog.ts';
import { type GroupSettings, nameOf } from './config/group.ts';
import { ConfigError, type Environment, faultAt } from './config/load.ts';
import type { ConfigFile } from './config/schema.ts';
import type { ModelInfo } from './core/model-info.ts';
import { SluiceError } from './core/sluice-error.ts';
import type { Provider, ProviderSettings } from './providers/provider.ts';
import { createProvider, discoverProviders } from './providers/registry.ts';
import { sandboxModels } from './providers/sandbox/index.ts';
import { builtInGroups, createRegistry, type Group, type Registry, type RoutedModel } from './router/registry.ts';

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

/** Builds a setup. Throws ConfigError when a provider's settings cannot be used or a name leads nowhere. */
export function createSetup(
  config: ConfigFile,
  environment: Environment,
  reported: ReportedModels = new Map(),
  secretOf: SecretOf = (text) => text,
  storedGroups?: () => readonly Group[],
): Setup {
  const found = config.discovery ? discoverProviders(environment) : [];
  const settings = new Map<string, ProviderSettings>();
  for (const each of found) settings.set(each.id, each);
  const faults: string[] = [];
  for (const [id, { apiKey, apiKeys, queue: _, ...rest }] of Object.entries(config.providers)) {
    const secret = (text: string, ...path: PropertyKey[]): string => {
      const value = secretOf(text);
      if (value === undefined) faults.push(faultAt(config, ['providers', id, ...path], `${text} could not be read`));
      return value ?? '';
    };
    settings.set(id, {
      ...rest,
      id,
      ...(apiKey !== undefined && { apiKey: secret(apiKey, 'apiKey') }),
      apiKeys: apiKeys?.map((each, index) =>
        typeof each === 'string'
          ? { key: secret(each, 'apiKeys', index) }
          : { ...each, key: secret(each.key, 'apiKeys', index, 'key') },
      ),
    });
  }
  if (faults.length > 0) throw new ConfigError(faults);
  // Nothing else can answer: the offline sandbox does, so that a newcomer sees everything work.
  if (settings.size === 0) settings.set('sandbox', { id: 'sandbox', kind: 'sandbox' });

  const providers = new Map<string, Provider>();
  for (const each of settings.values()) {
    try {
      providers.set(each.id, createProvider(each, environment));
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      faults.push(faultAt(config, error.facts.param?.split('.') ?? ['providers', each.id], error.message));
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  const catalog = createCatalog({
    overrides: overridesOf(config, providers.values()),
    providers: Object.fromEntries(
      [...providers.values()].map(({ id, catalogId, local }) => [id, { catalogId, local }]),
    ),
  });
  catalog.report([...reported.values()].flat());

  const find = (provider: string, upstream: string): ModelInfo =>
    catalog.find(provider, upstream) ?? { provider, id: upstream };
  const configured = config.models.map((model) => routedModel(model, find));
  const known = new Set(configured.map(({ id }) => id));
  const listed: RoutedModel[] = [];
  for (const provider of providers.values()) {
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
    providers: [...providers.values()]
      .sort((a, b) => Number(a.kind === 'sandbox') - Number(b.kind === 'sandbox'))
      .map(({ id, kind, local }) => ({ id, kind, local, find: (upstream) => catalog.find(id, upstream) })),
    models: [...configured, ...listed],
    aliases,
    groups: Object.entries(config.groups).map(([name, settings]) => groupOf(name, 'file', settings)),
    storedGroups,
  });
  checkReferences(config, providers, registry);
  return {
    config,
    providers,
    settings,
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

function overridesOf(config: ConfigFile, providers: Iterable<Provider>) {
  const sandbox = [...providers]
    .filter(({ kind }) => kind === 'sandbox')
    .flatMap(({ id }) => sandboxModels.map((model) => ({ ...model, provider: id })));
  const own = config.models.flatMap(
    ({ id, provider, upstream, deployments, context, maxOutput, price, capabilities }) => {
      const facts = {
        ...(context !== undefined && { context }),
        ...(maxOutput !== undefined && { maxOutput }),
        ...(price && { price }),
        ...(capabilities && { capabilities }),
      };
      const source = Object.keys(facts).length > 0 ? { source: 'sluice.yaml' } : {};
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
