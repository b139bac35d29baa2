import type { ModelInfo } from './model-info.ts';
import type { RoutingDecision } from './routing-decision.ts';

/** One place that can answer: a model at a provider. */
export interface Deployment {
  /** `provider/model`, the name Sluice uses in headers, ledger and metrics. */
  id: string;
  /** The provider's id in the configuration. */
  provider: string;
  /** The provider's own name of the model. */
  upstream: string;
  info: ModelInfo;
  /** Share of the traffic among deployments of one model. */
  weight: number;
}

/** A deployment and the credential to call it with. */
export interface Target {
  deployment: Deployment;
  /** The credential's id at the provider. */
  credential: string;
}

/** Where a call goes: targets in the order of trying, and why. */
export interface RoutePlan {
  targets: Target[];
  /** In words, for `x-sluice-route`. */
  reason: string;
  /** What was expected of whom, when the choice was made by quality. */
  decision?: RoutingDecision;
  /** What the same call would have cost on the dearest model that was asked for, or the configured baseline. */
  baseline?: ModelInfo;
}
