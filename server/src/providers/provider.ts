import type { JsonObject } from '../core/json.ts';
import type { ModelInfo } from '../core/model-info.ts';
import type { WireName } from '../core/wire-name.ts';
import type { Egress, OutgoingRequest } from '../egress/client.ts';
import type { WireQuirks } from '../wire/wire.ts';

/** One secret of a provider. `id` is what logs, health and the ledger call it: never the secret itself. */
export interface Credential {
  id: string;
  weight: number;
  /** The API key, or empty for providers that need none. */
  secret: string;
}

/** A call ready to be written out: the body is JSON text, built or the caller's own. */
export interface ProviderCall {
  operation: 'chat' | 'embeddings' | 'count-tokens';
  wire: WireName | 'openai-embeddings' | 'gemini-embeddings';
  upstream: string;
  stream: boolean;
  /** Gemini embeddings: the body holds several requests (batchEmbedContents). */
  batch?: boolean;
  body: string;
  credential: Credential;
  /** Headers of the caller that belong to the wire (anthropic-beta, anthropic-version, openai-beta …); the provider takes the ones it knows. */
  passHeaders: Record<string, string>;
}

export type Framing = 'sse' | 'aws-event-stream';

export type { Egress, OutgoingRequest };

/** One step of fetching a model. The figures are those of the layer named by `digest`. */
export interface ModelPull {
  status: string;
  digest?: string;
  totalBytes?: number;
  completedBytes?: number;
}

/** A provider as configured: where it is, how it authenticates and what is odd about it. Holds no state of calls. */
export interface Provider {
  readonly id: string;
  readonly kind: string;
  /** Runs on the operator's own machines: costs nothing by default and keeps data at home. */
  readonly local: boolean;
  /** The wires it speaks, preferred first. A caller's own wire wins when it is among them. */
  readonly wires: readonly WireName[];
  readonly embeddings?: 'openai-embeddings' | 'gemini-embeddings';
  readonly framing: Framing;
  readonly quirks: WireQuirks;
  readonly credentials: readonly Credential[];
  /** Milliseconds to wait for a first byte when the configuration says nothing (RunPod: minutes). */
  readonly firstByteMs?: number;
  /** The catalogue's name of this provider, e.g. `amazon-bedrock` for kind bedrock; undefined: not in the catalogue. */
  readonly catalogId?: string;
  /** The answers went through something that cannot carry all of the wire (the AI SDK bridge). */
  readonly fidelity?: 'reduced';
  request(call: ProviderCall): OutgoingRequest | Promise<OutgoingRequest>;
  /** What the provider says it serves. Throws SluiceError. */
  listModels(egress: Egress, signal: AbortSignal): Promise<ModelInfo[]>;
  /** Makes the provider fetch a model, step by step (Ollama). Throws SluiceError when it does not arrive. */
  pullModel?(model: string, egress: Egress, signal: AbortSignal): AsyncGenerator<ModelPull, void, undefined>;
  /** Counts the input of a body of its first wire in-process (sandbox); undefined when it cannot read the body. */
  countTokens?(body: JsonObject, upstream: string): number | undefined;
  /** Answers in-process instead of over the network (sandbox, ai-sdk): a web Response to the outgoing body. */
  answer?(call: ProviderCall, signal: AbortSignal): Promise<Response>;
}

/** The settings of one provider in the configuration. Fields a kind does not know are refused by its own check. */
export interface ProviderSettings {
  id: string;
  kind: string;
  baseUrl?: string;
  apiKey?: string;
  apiKeys?: { id?: string; key: string; weight?: number }[];
  headers?: Record<string, string>;
  wires?: WireName[];
  options?: JsonObject;
  firstByteMs?: number;
}

export type ProviderFactory = (settings: ProviderSettings, environment: Record<string, string | undefined>) => Provider;
