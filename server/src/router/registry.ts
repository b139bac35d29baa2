import type { Mode } from '../core/mode.ts';
import { modeOfName } from '../core/mode.ts';
import type { ModelInfo } from '../core/model-info.ts';
import { SluiceError } from '../core/sluice-error.ts';
import type { Deployment } from '../core/target.ts';

/** A model that callers can name: where it is deployed, and what stands in for it. */
export interface RoutedModel {
  /** The name in `/v1/models`: `provider/model`, or the id from the configuration. */
  id: string;
  info: ModelInfo;
  deployments: Deployment[];
  fallbacks: string[];
}

export interface Group {
  name: string;
  /** Where it is kept; of two that have one name the file's counts, then the database's. */
  origin: 'file' | 'database' | 'built-in';
  purpose?: string;
  members: { model: string; weight: number }[];
  strategy: 'ordered' | 'weighted' | 'cheapest' | 'complexity' | 'learned' | 'cascade' | 'fastest' | 'classifier';
  /** Strategy `complexity`: the scores from which on the next member is asked, ascending. */
  thresholds?: readonly number[];
  /** Strategy `learned`: what share of the best expected quality is enough, what quality at least, and whom to ask when nothing is known. */
  tau?: number;
  floor?: number;
  default?: string;
  /** Strategy `cascade`: who is asked whether an answer is right, and the least mean log probability of its tokens. */
  verifier?: string;
  /** Strategy `classifier`: who is asked what a request is about. */
  classifier?: string;
  minLogprob?: number;
}

/** Strategy `learned`: the share of the best model's expected quality that is enough, by mode. */
export const tauByMode: Record<Mode, number> = { flash: 0.8, think: 0.95, 'ultra-think': 1 };
export const usualTau = 0.9;

export interface RegistryProvider {
  id: string;
  kind: string;
  local: boolean;
  /** Facts of a model at this provider, from the configuration or the catalogue; a bare record when nothing is known. */
  find(upstream: string): ModelInfo | undefined;
}

export interface RegistryDeps {
  providers: RegistryProvider[];
  /** Models from the configuration, and those that local providers said they have. */
  models: RoutedModel[];
  aliases: Record<string, string>;
  groups: Group[];
  /** The groups of the database as they are now. */
  storedGroups?: () => readonly Group[];
}

/** Groups that are there unless somebody makes others of their names: all models that hold conversations, each for its purpose. */
export const builtInGroups: readonly Pick<Group, 'name' | 'purpose' | 'tau'>[] = [
  { name: 'orchestrator', purpose: 'Decisions and planning', tau: 0.95 },
  { name: 'reasoning', purpose: 'Complex work of several steps', tau: 1 },
  { name: 'executors', purpose: 'Fast utility tasks', tau: 0.8 },
];

export type Resolution =
  | { kind: 'model'; model: RoutedModel; reason: string }
  | { kind: 'group'; group: Group; reason: string };

/** Families whose makers are known by name, so that a model newer than the catalogue still finds its provider. */
const makers: [RegExp, string][] = [
  [/^(gpt-|o\d|chatgpt-|codex-|text-embedding-|computer-use)/, 'openai'],
  [/^claude-/, 'anthropic'],
  [/^(gemini-|gemma-|text-embedding-00|embedding-00)/, 'gemini'],
  [/^(mistral-|codestral|ministral|pixtral|magistral|devstral|open-mi)/, 'mistral'],
];

/** Whether the model holds a conversation, or nothing is known: lists of providers hold transcribers and painters too. */
const converses = ({ capabilities }: ModelInfo): boolean =>
  capabilities === undefined ||
  (capabilities.includes('tools') &&
    !capabilities.includes('embeddings') &&
    !capabilities.includes('image-out') &&
    !capabilities.includes('audio-out'));

/** The tau of `auto` and its modes; undefined for other names. */
function tauOfAuto(name: string): number | undefined {
  if (name === 'auto') return usualTau;
  const mode = modeOfName(name);
  return mode && tauByMode[mode];
}

/** Half a character and what no key types cannot stand in an address or a header, where a model's name may have to. */
const isPlain = (name: string): boolean => name.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(name);

const noGroups: readonly Group[] = [];

/** Finds what a caller means by a model's name. */
export function createRegistry({
  providers,
  models,
  aliases: given,
  groups: fileGroups,
  storedGroups = () => noGroups,
}: RegistryDeps) {
  // Names come from callers: `constructor` must not find what every object has.
  const aliases: Record<string, string> = Object.assign(Object.create(null), given);
  const byId = new Map(models.map((model) => [model.id, model]));
  const conversing = models.filter(({ info }) => converses(info)).map(({ id }) => ({ model: id, weight: 1 }));
  const builtIn = builtInGroups.map(
    (group): Group => ({ ...group, origin: 'built-in', strategy: 'learned', members: conversing }),
  );
  let known: { stored: readonly Group[]; byName: Map<string, Group> } | undefined;

  /** Worked out anew when the database's groups are others than before. */
  function groupsByName(): Map<string, Group> {
    const stored = storedGroups();
    if (known?.stored !== stored) {
      const ours = conversing.length > 0 ? builtIn : [];
      known = { stored, byName: new Map([...ours, ...stored, ...fileGroups].map((group) => [group.name, group])) };
    }
    return known.byName;
  }
  const derived = new Map<string, RoutedModel>();

  function at(provider: RegistryProvider, upstream: string): RoutedModel {
    const id = `${provider.id}/${upstream}`;
    let model = byId.get(id) ?? derived.get(id);
    if (!model) {
      const info = provider.find(upstream) ?? { provider: provider.id, id: upstream };
      model = { id, info, deployments: [{ id, provider: provider.id, upstream, info, weight: 1 }], fallbacks: [] };
      // Bounded: names come from callers.
      if (derived.size > 5000) derived.clear();
      derived.set(id, model);
    }
    return model;
  }

  /** A model by exact id, by `provider/model`, or by a bare name that one of the providers is known to serve. */
  function findModel(name: string): { model: RoutedModel; reason: string } | undefined {
    const exact = byId.get(name);
    if (exact) return { model: exact, reason: 'named' };
    if (!isPlain(name)) return undefined;
    const slash = name.indexOf('/');
    const named = slash > 0 ? providers.find(({ id }) => id === name.slice(0, slash)) : undefined;
    if (named && slash < name.length - 1) return { model: at(named, name.slice(slash + 1)), reason: 'named' };
    const configured = models.find(({ deployments }) => deployments.some(({ upstream }) => upstream === name));
    if (configured) return { model: configured, reason: `${name} is served by ${configured.deployments[0]!.provider}` };
    const maker = makers.find(([pattern]) => pattern.test(name))?.[1];
    const serving =
      providers.find(({ kind }) => kind === maker) ??
      providers.find((provider) => !provider.local && provider.find(name));
    if (serving) return { model: at(serving, name), reason: `${name} is served by ${serving.id}` };
    return undefined;
  }

  const membersOf = (group: Group): { routed: RoutedModel; weight: number }[] =>
    group.members.flatMap(({ model, weight }) => {
      const routed = findModel(model)?.model;
      return routed ? [{ routed, weight }] : [];
    });

  return {
    /** A group's members as configured, without those that nobody serves. */
    membersOf,
    /** What a name led to as models. */
    modelsOf: (resolution: Resolution): RoutedModel[] =>
      resolution.kind === 'model' ? [resolution.model] : membersOf(resolution.group).map(({ routed }) => routed),
    /** Throws `model_not_found` with what there is instead. */
    resolve(asked: string): Resolution {
      const alias = aliases[asked];
      const name = alias ?? asked;
      const via = alias ? `alias of ${alias}, ` : '';
      if (name.startsWith('group/')) {
        const group = groupsByName().get(name.slice('group/'.length));
        if (group) return { kind: 'group', group, reason: `${via}group ${group.name}` };
      } else {
        const tau = tauOfAuto(name);
        if (tau !== undefined && !byId.has(name)) {
          if (conversing.length > 0) {
            const group: Group = { name, origin: 'built-in', members: conversing, strategy: 'learned', tau };
            return { kind: 'group', group, reason: via + name };
          }
        }
        const found = findModel(name);
        if (found) return { kind: 'model', model: found.model, reason: via + found.reason };
      }
      throw unknownModel(asked, [...byId.keys()], providers);
    },
    findModel,
    /** The configured group that a name leads to, by itself or as an alias; undefined for models. */
    groupOf(asked: string): string | undefined {
      const name = aliases[asked] ?? asked;
      return name.startsWith('group/') ? name.slice('group/'.length) : undefined;
    },
    /** What `/v1/models` lists: configured and discovered models, then the groups. */
    models: (): RoutedModel[] => [...byId.values()],
    groups: (): Group[] => [...groupsByName().values()],
    /** Another object whenever groups of the database changed: what was worked out from names may hold no longer. */
    version: (): object => storedGroups(),
    group: (name: string): Group | undefined => groupsByName().get(name),
    aliases: (): Record<string, string> => aliases,
  };
}

export type Registry = ReturnType<typeof createRegistry>;

function unknownModel(asked: string, ids: string[], providers: RegistryProvider[]): SluiceError {
  const shown = ids.slice(0, 5).join(', ');
  const hint = shown
    ? `Models here include ${shown}${ids.length > 5 ? ', …' : ''}; GET /v1/models lists all.`
    : `Name a model as provider/model; the providers here are ${providers.map(({ id }) => id).join(', ')}.`;
  return new SluiceError(
    'model_not_found',
    `No configured provider serves the model ${JSON.stringify(asked)}. ${hint}`,
    { param: 'model' },
  );
}
