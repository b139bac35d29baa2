import { checkRequest, knows } from '../catalog/check-request.ts';
import type { ChatCall } from '../core/call.ts';
import { deliberates, deliberationCalls, deliberationCost } from '../core/deliberation.ts';
import type { Capability, ModelInfo } from '../core/model-info.ts';
import { costNanos, type ListPrice } from '../core/money.ts';
import { needsOf } from '../core/request-needs.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { type Usage, usageOf } from '../core/usage.ts';
import { blendedNanos, type Quoter } from './quote.ts';
import type { Registry, RoutedModel } from './registry.ts';

export interface EstimatorDeps {
  registry(): Registry;
  quoter: Quoter;
  priceFor(model: ModelInfo, usage: Usage, atMs: number): ListPrice | undefined;
  now?: () => number;
}

export interface Estimate {
  model: string;
  /** Why the model cannot answer the request. */
  refusal?: string;
  inputTokens: number;
  /** The longest answer that the request allows. */
  maxOutputTokens: number;
  likelyOutputTokens: number;
  /** How many calls of the model the request comes to; the costs are those of all. */
  calls: number;
  /** Nano-dollars; null: unpriced. */
  worstNanos: number | null;
  likelyNanos: number | null;
}

export interface Requirements {
  capabilities: readonly Capability[];
  /** Tokens that the window must hold. */
  context?: number;
  maxOutput?: number;
  /** Nano-dollars per million tokens, three of input to one of output. */
  mostNanos?: number;
}

export interface Cheapest {
  model: RoutedModel;
  blendedNanos: number;
}

/** An answer's length when nobody has seen one of the model's, in tokens. */
const usualOutputTokens = 400;

/** What a request would cost at each model, and which model is the cheapest that will do. Nothing is sent anywhere. */
export function createEstimator({ registry, quoter, priceFor, now = Date.now }: EstimatorDeps) {
  function models(names: readonly string[]): RoutedModel[] {
    const known = registry();
    const found = names.flatMap((name) => known.modelsOf(known.resolve(name)));
    return [...new Map(found.map((model) => [model.id, model])).values()];
  }

  return {
    /**
     * Each model's tokens and cost, the likely cheapest first. `usualOutput` gives how long a model's answers usually are, by
     * `provider/model`. Throws `model_not_found`.
     */
    estimate(call: ChatCall, names: readonly string[], usualOutput: ReadonlyMap<string, number>): Estimate[] {
      const needs = needsOf(call.request);
      const atMs = now();
      const thorough = deliberates(call);
      const times = (nanos: number | null) => (nanos === null || !thorough ? nanos : nanos * deliberationCost);
      return models(names)
        .map((model): Estimate => {
          const deployment = model.deployments[0]!;
          const [quote] = quoter(call, [deployment], atMs);
          const { inputTokens, outputTokens, worstNanos } = quote!;
          const likely = Math.min(outputTokens, usualOutput.get(deployment.id) ?? usualOutputTokens);
          const usage = usageOf({ input: inputTokens, output: likely });
          const refusal = checkRequest(model.info, needs);
          return {
            model: model.id,
            ...(refusal && { refusal: refusal.message }),
            inputTokens,
            maxOutputTokens: outputTokens,
            likelyOutputTokens: likely,
            calls: thorough ? deliberationCalls : 1,
            worstNanos: times(worstNanos),
            likelyNanos: times(costNanos(usage, priceFor(deployment.info, usage, atMs))),
          };
        })
        .sort((a, b) => (a.likelyNanos ?? Number.POSITIVE_INFINITY) - (b.likelyNanos ?? Number.POSITIVE_INFINITY));
    },
    /** The models that are known to do it all, the cheapest first. Throws `not_found` when there is none. */
    cheapest(
      { capabilities, context, maxOutput, mostNanos }: Requirements,
      allows: (model: string) => boolean,
    ): Cheapest[] {
      const fit = registry()
        .models()
        .flatMap((model): Cheapest[] => {
          const { info } = model;
          const blended = blendedNanos(info.price);
          if (blended === null || !allows(model.id)) return [];
          if (mostNanos !== undefined && blended > mostNanos) return [];
          if (context !== undefined && !(info.context !== undefined && info.context >= context)) return [];
          if (maxOutput !== undefined && !(info.maxOutput !== undefined && info.maxOutput >= maxOutput)) return [];
          // What is wanted must be known of it, not only not be denied.
          if (!capabilities.every((capability) => knows(info, capability) === true)) return [];
          if (!capabilities.includes('embeddings') && knows(info, 'embeddings') === true) return [];
          return [{ model, blendedNanos: blended }];
        })
        .sort((a, b) => a.blendedNanos - b.blendedNanos || a.model.id.localeCompare(b.model.id));
      if (fit.length === 0)
        throw new SluiceError(
          'not_found',
          'No model here is known to meet all of this. Ask for less, or allow a higher price.',
        );
      return fit;
    },
  };
}

export type Estimator = ReturnType<typeof createEstimator>;
