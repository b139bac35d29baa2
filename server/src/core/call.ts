import type { CallAbort } from './call-abort.ts';
import type { ChatRequest } from './chat-request.ts';
import type { EmbeddingsRequest } from './embeddings.ts';
import type { JsonBody } from './json-scan.ts';
import type { Loss } from './loss.ts';
import type { ModelInfo } from './model-info.ts';
import type { Principal } from './principal.ts';
import type { SluiceError } from './sluice-error.ts';
import type { Usage } from './usage.ts';
import type { Dialect } from './wire-name.ts';

/** One request for a model, whatever the operation. `raw` is the caller's own body, for providers that speak its wire. */
export type ModelCall = {
  dialect: Dialect;
  /** The model as the caller named it. */
  model: string;
  stream: boolean;
  raw?: JsonBody;
  /** Headers of the caller that belong to its wire and go on to a provider of the same wire. */
  passHeaders: Record<string, string>;
} & (
  | { operation: 'chat'; request: ChatRequest }
  | { operation: 'count-tokens'; request: ChatRequest }
  | { operation: 'embeddings'; request: EmbeddingsRequest }
);

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
  attempts: Attempt[];
  losses: Loss[];
  usage?: Usage;
  costNanos?: number | null;
  finish?: string;
  /** The provider's answer was seen to its end, whoever still reads it. */
  complete?: boolean;
  /** Milliseconds from the request's arrival to the first frame. */
  firstFrameMs?: number;
  /** Of that, how long the provider took; the rest is ours. */
  upstreamMs?: number;
  error?: SluiceError;
  upstreamRequestId?: string;
  /** Provider headers that are passed on (x-ratelimit-*, request ids). */
  passHeaders: Record<string, string>;
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
  /** Refuse rather than lose anything in translation. */
  strict: boolean;
  /** Tags from `x-sluice-tags`, for the ledger. */
  tags: string[];
  facts: AnswerFacts;
}

export const createAnswerFacts = (): AnswerFacts => ({ attempts: [], losses: [], passHeaders: {} });
