import type { JsonObject } from '../../core/json.ts';

/**
 * As much of the AI SDK's language model interface (versions 2 and 3) as is used. Declared here because its packages are
 * installed by the operator, not by us; what a model gives back is read leniently, field by field.
 */
export interface SdkModel {
  readonly specificationVersion?: string;
  doGenerate(options: SdkCallOptions): PromiseLike<unknown>;
  doStream(options: SdkCallOptions): PromiseLike<unknown>;
}

export type SdkVersion = 'v2' | 'v3';

export interface SdkCallOptions {
  prompt: JsonObject[];
  abortSignal?: AbortSignal;
  [option: string]: unknown;
}

/** How a package is found; tests put their own in place. */
export type LoadModule = (name: string) => Promise<unknown>;
