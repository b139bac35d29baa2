import type { Head } from '../../../shared/src/routing/quality-model.ts';
import type { CacheFacts } from './cache-facts.ts';
import type { CallAbort } from './call-abort.ts';
import type { CallTrace } from './call-trace.ts';
import type { ChatRequest } from './chat-request.ts';
import type { Discarded } from './discarded.ts';
import type { EmbeddingsRequest } from './embeddings.ts';
import type { GuardNote } from './guard-note.ts';
import type { Intent } from './intent.ts';
import type { JsonBody } from './json-scan.ts';
import type { Loss } from './loss.ts';
import type { Mode } from './mode.ts';
import type { ModelInfo } from './model-info.ts';
import type { OwnCredentials } from './own-credentials.ts';
import type { Principal } from './principal.ts';
import type { RateStanding } from './rate-limit.ts';
import type { RoutingDecision } from './routing-decision.ts';
import type { SluiceError } from './sluice-error.ts';
import type { Deployment } from './target.ts';
import type { Usage } from './usage.ts';
import type { Dialect } from './wire-name.ts';

/** One request for a model, whatever the operation. `raw` is the caller's own body, for providers that speak its wire. */
export type ModelCall = {
  dialect: Dialect;
  /** The model as the caller named it. */
  model: string;
  stream: boolean;
  raw?: JsonBody;
  /** How much thought the answer is worth, when the caller said. */
  mode?: Mode;
  /** What a classifier said that the request is about. */
  intent?: Intent;
  /** What the organisation's traffic has taught of models, by their name in groups. */
  heads?: ReadonlyMap<string, Head>;
  /** Headers of the caller that belong to its wire and go on to a provider of the same wire. */
  passHeaders: Record<string, string>;
  /** What a policy demands of whoever answers, beyond what the caller asked for. */
  constraints?: CallConstraints;
} & (
  | { operation: 'chat'; request: ChatRequest }
  | { operation: 'count-tokens'; request: ChatRequest }
  | { operation: 'embeddings'; request: EmbeddingsRequest }
);

/** `because` names who demands it, for messages and the route. */
export interface CallConstraints {
  /** Only models on the operator's own machines. */
  localOnly?: boolean;
  /** The members of this group answer, whatever model was named. */
  group?: string;
  because: string;
}

export type ChatCall = Extract<ModelCall, { operation: 'chat' }>;

/** One try at one target. */
export interface Attempt {
  /** `provider/model`. */
  model: string;
  provider: string;
  credential: string;
  /** `ok` or the error's code. */
  outcome: string;
  status?: number;
  ms: number;
  /** The trace that the try is a span of, when calls are traced. */
  traceId?: string;
}

/** What is learned of the answer on the way; the edge makes headers of it, the ledger a row. */
export interface AnswerFacts {
  /** `provider/model` that answered. */
  model?: string;
  provider?: string;
  wire?: string;
  /** What is known of the model that answered, and of the one its cost is measured against. */
  modelInfo?: ModelInfo;
  baseline?: ModelInfo;
  /** Why this model, in words. */
  route?: string;
  /** What was expected, when the router chose by quality. */
  decision?: RoutingDecision;
  attempts: Attempt[];
  /** Answers that were made on the way to this one, and are charged with it. */
  discarded: Discarded[];
  losses: Loss[];
  usage?: Usage;
  costNanos?: number | null;
  /** How much less that is than the baseline would have cost. */
  savedNanos?: number | null;
  finish?: string;
  /** The provider's answer was seen to its end, whoever still reads it. */
  complete?: boolean;
  /** Milliseconds from the request's arrival to the first frame. */
  firstFrameMs?: number;
  /** Of that, how long the provider took; the rest is ours. */
  upstreamMs?: number;
  /** Milliseconds that the call waited for its turn at a provider. */
  waitedMs?: number;
  error?: SluiceError;
  upstreamRequestId?: string;
  /** Provider headers that are passed on (x-ratelimit-*, request ids). */
  passHeaders: Record<string, string>;
  /** What guardrails found and did. */
  guard?: GuardNote[];
  /** Something made this answer for its caller alone: no cache keeps it. */
  noStore?: boolean;
  /** What a cache had to do with the answer; absent when it was not asked. */
  cache?: CacheFacts;
  /** How far the caller's own limits are used; goes before what a provider says of its limits. */
  rate?: RateStanding;
}

export interface CallContext {
  requestId: string;
  /** Says when the caller hung up or the gateway gave the call up. */
  abort: CallAbort;
  /** Wall clock at arrival, milliseconds since 1970. */
  receivedAt: number;
  /** Monotonic clock at arrival, milliseconds. */
  startedMs: number;
  principal: Principal;
  /** Keys of providers that the caller brought, once the call is on its way. */
  ownCredentials?: OwnCredentials;
  /** Refuse rather than lose anything in translation. */
  strict: boolean;
  /** Tags from `x-sluice-tags`, for the ledger. */
  tags: string[];
  /** The conversation that the call belongs to, as its caller names it in `x-sluice-thread`. */
  threadId?: string;
  /** What the caller wants of the caches, as `x-sluice-cache` says it. */
  cacheControl?: string;
  /** The agent on whose behalf the call is made. */
  agentId?: string;
  /** When it is set, only these deployments (`provider/model`) may answer. */
  allowed?: ReadonlySet<string>;
  /** Counts the call at a place before it is tried there; the error when a limit of the model there refuses it. */
  admitTarget?: (deployment: Deployment) => Promise<SluiceError | undefined>;
  /** What is written down for tracing; absent while that is off. */
  trace?: CallTrace;
  facts: AnswerFacts;
}

export const createAnswerFacts = (): AnswerFacts => ({ attempts: [], discarded: [], losses: [], passHeaders: {} });
