import { isObject, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { LoadModule, SdkModel } from './sdk-types.ts';

export interface LoadModelDeps {
  providerId: string;
  packageName: string;
  /** The export that makes a provider; the first one named `create…` otherwise. */
  factory?: string;
  load: LoadModule;
}

type Create = (options: JsonObject) => unknown;

/** Loads a provider package at first use and makes its models. Throws `unavailable` that says how to install what is missing. */
export function createModelLoader({ providerId, packageName, factory, load }: LoadModelDeps) {
  let loading: Promise<Create> | undefined;
  const made = new Map<string, unknown>();

  async function create(): Promise<Create> {
    let module: unknown;
    try {
      module = await load(packageName);
    } catch (cause) {
      if (!isMissing(cause)) {
        throw new SluiceError('unavailable', `The package ${packageName} of provider ${providerId} does not load.`, {
          cause,
        });
      }
      throw new SluiceError(
        'unavailable',
        `Provider ${providerId} needs the package ${packageName}, which is not installed. Run: npm install ${packageName}`,
        { cause },
      );
    }
    const exports = isObject(module) || typeof module === 'function' ? Object.entries(module as object) : [];
    const wanted =
      factory ?? exports.find(([name, value]) => /^create[A-Z]/.test(name) && typeof value === 'function')?.[0];
    const found = exports.find(([name]) => name === wanted)?.[1];
    if (typeof found === 'function') return found as Create;
    const what = factory === undefined ? 'no function named create…' : `no function ${factory}`;
    throw new SluiceError(
      'unavailable',
      `The package ${packageName} exports ${what}. Set options.factory of ${providerId}.`,
    );
  }

  /** `credential` names the arguments: one SDK provider is kept for each. */
  return async function modelOf(upstream: string, credential: string, options: JsonObject): Promise<SdkModel> {
    loading ??= create();
    let make: Create;
    try {
      make = await loading;
    } catch (error) {
      loading = undefined; // installed in the meantime: the next call finds it
      throw error;
    }
    let provider = made.get(credential);
    if (provider === undefined) {
      // Bounded: organisations bring keys of their own, and rotate them.
      if (made.size >= 1000) made.clear();
      provider = make(options);
      made.set(credential, provider);
    }
    const model = languageModel(provider, upstream);
    if (model) return model;
    throw new SluiceError('unavailable', `The package ${packageName} gave no language model for ${upstream}.`);
  };
}

function languageModel(provider: unknown, upstream: string): SdkModel | undefined {
  const named = (provider as { languageModel?: unknown } | undefined)?.languageModel;
  let model: unknown;
  if (typeof named === 'function') model = named.call(provider, upstream);
  else if (typeof provider === 'function') model = provider(upstream);
  const complete = isObject(model) && typeof model.doGenerate === 'function' && typeof model.doStream === 'function';
  return complete ? (model as unknown as SdkModel) : undefined;
}

function isMissing(cause: unknown): boolean {
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  return (
    code === 'ERR_MODULE_NOT_FOUND' ||
    code === 'MODULE_NOT_FOUND' ||
    /cannot find (module|package)/i.test(String(message))
  );
}
