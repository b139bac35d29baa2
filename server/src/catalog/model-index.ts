import type { ModelInfo } from '../core/model-info.ts';
import { type Alias, undated } from './alias.ts';

export interface Hit<Model> {
  model: Model;
  /** What the form of the name under which it was found says of the price. */
  price: Alias['price'];
}

/** Models by provider and id, whatever the case. */
export function createModelIndex<Model extends ModelInfo>(models: readonly Model[]) {
  const byProvider = new Map<string, Map<string, Model>>();
  const newestByProvider = new Map<string, Map<string, Model>>();
  for (const model of models) {
    const byId = byProvider.get(model.provider) ?? new Map<string, Model>();
    byId.set(model.id.toLowerCase(), model);
    byProvider.set(model.provider, byId);
  }

  /** The newest dated release of each name that has some: `claude-3-7-sonnet` is `claude-3-7-sonnet-20250219`. */
  function newestOf(provider: string): Map<string, Model> {
    let newest = newestByProvider.get(provider);
    if (newest) return newest;
    newest = new Map();
    for (const [id, model] of byProvider.get(provider) ?? []) {
      const name = undated(id);
      const other = name === undefined ? undefined : newest.get(name);
      if (name !== undefined && (!other || id > other.id.toLowerCase())) newest.set(name, model);
    }
    newestByProvider.set(provider, newest);
    return newest;
  }

  const find = (provider: string, id: string): Model | undefined => byProvider.get(provider)?.get(id.toLowerCase());

  return {
    models,
    find,
    /** The first of these forms that is known; failing all, the newest release that one of them is the name of. */
    findAny(provider: string, aliases: readonly Alias[]): Hit<Model> | undefined {
      for (const { id, price } of aliases) {
        const model = find(provider, id);
        if (model) return { model, price };
      }
      if (!byProvider.has(provider)) return undefined;
      for (const { id, price } of aliases) {
        const model = newestOf(provider).get(id);
        if (model) return { model, price };
      }
      return undefined;
    },
  };
}

export type ModelIndex<Model extends ModelInfo> = ReturnType<typeof createModelIndex<Model>>;
