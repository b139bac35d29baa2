import type { ChatAnswer } from '../core/chat-answer.ts';
import type { ChatEvent } from '../core/chat-event.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { JsonObject } from '../core/json.ts';
import type { Loss } from '../core/loss.ts';
import type { SluiceError } from '../core/sluice-error.ts';
import type { Usage } from '../core/usage.ts';
import type { Dialect, WireName } from '../core/wire-name.ts';

/** One event of a provider's stream after its framing is taken off. SSE: `data` lines joined. AWS: the payload, `event` its type. */
export interface WireEvent {
  event?: string;
  data: string;
}

/** What a wire may ask about the model it writes for. All optional: absent means unknown. */
export interface WireModel {
  /** The provider's own name of the model, which goes into the body (or, for Gemini and Bedrock, the address). */
  upstream: string;
  maxOutputTokens?: number;
  reasoning?: boolean;
  temperature?: boolean;
}

/** Differences between providers that speak one wire; each wire documents the ones it honours. */
export interface WireQuirks {
  /** `developer` is unknown: send `system`. */
  noDeveloperRole?: boolean;
  /** The field that limits output: OpenAI's own models want `max_completion_tokens`, most others know only `max_tokens`. */
  maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** Tool call ids must match this (Mistral: 9 letters and digits); others are mapped, deterministically. */
  toolCallId?: 'alphanumeric-9';
  /** Fields of the wire this provider refuses; they become losses. */
  unsupportedFields?: readonly string[];
  /** How structured output is asked for: the default is `json_schema`. */
  jsonSchema?: 'json_schema' | 'json_object' | 'none';
  /** The provider takes only base64 images, or images by address too. */
  imageUrls?: boolean;
  /** How past thinking goes back to the provider: DeepSeek and vLLM `reasoning_content`, Groq `reasoning`, OpenRouter `reasoning_details`. */
  reasoningField?: 'reasoning_content' | 'reasoning' | 'reasoning_details' | 'none';
}

export interface BuiltRequest {
  body: JsonObject;
  losses: Loss[];
}

/** What can be read off one native event without keeping any state; used when bytes pass through untouched. */
export interface Glance {
  /** The figures this event gives; later events overwrite them field by field (set, never add). */
  usage?: Partial<Usage>;
  /** The stream's own end marker ([DONE], message_stop, response.completed …). */
  end?: boolean;
  /** The finish reason, native word. */
  finish?: string;
  error?: SluiceError;
  model?: string;
}

/** Turns a provider's native events into chat events. One per answer. */
export interface StreamParser {
  parse(event: WireEvent): ChatEvent[];
  /** Called once when the bytes end: whatever is left, and an `error` event when the stream was cut before its end. */
  finish(): ChatEvent[];
}

/** A wire as spoken to providers. */
export interface OutboundWire {
  readonly name: WireName;
  buildRequest(request: ChatRequest, model: WireModel, quirks: WireQuirks): BuiltRequest;
  /** A whole JSON answer as events, `usage` and `finish` included. Throws `upstream_invalid_answer` when it is no answer. */
  parseAnswer(body: unknown): ChatEvent[];
  createStreamParser(): StreamParser;
  glance(event: WireEvent): Glance;
  /** Usage, finish and error of a whole JSON answer, without building events. */
  glanceAnswer(body: unknown): Glance;
  /** A non-2xx answer (body as text, maybe not JSON) as an error of ours: code, message, param, retryAfterMs where the body says so. */
  parseError(status: number, body: string): SluiceError;
}

/** What the edge knows and a dialect's answer needs. */
export interface AnswerContext {
  requestId: string;
  request: ChatRequest;
  /** The model name to echo when the provider gave none. */
  model: string;
  nowSeconds: number;
  /** Makes ids: `prefix` plus random characters, unique. */
  newId(prefix: string): string;
  losses: Loss[];
}

/** Turns chat events into a dialect's stream. One per answer. */
export interface StreamBuilder {
  /** Whole native events with their framing, ready to be written (may be empty). An `error` event ends the stream. */
  build(event: ChatEvent): string;
  /** Whatever closes a good answer ([DONE], message_stop, response.completed). */
  finish(): string;
}

/** A wire as spoken by callers. */
export interface InboundWire {
  readonly name: Dialect;
  /**
   * A parsed JSON body as a request. Throws `invalid_request` naming the field. For Gemini the model and whether to stream
   * come from the address and are given in `address`.
   */
  parseRequest(body: unknown, address?: { model: string; stream: boolean }): ChatRequest;
  buildAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject;
  createStreamBuilder(context: AnswerContext): StreamBuilder;
  /** The dialect's error body. The status is `errorStatus(dialect, error)`. */
  buildError(error: SluiceError, requestId: string): JsonObject;
  /** A terminal error event with its framing. */
  buildStreamError(error: SluiceError, requestId: string): string;
  /** A comment that keeps the connection alive, or the dialect's own ping. */
  readonly keepAlive: string;
}
