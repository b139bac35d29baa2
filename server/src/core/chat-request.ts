import type { JsonObject } from './json.ts';
import type { Signature } from './signature.ts';
import type { Dialect, WireName } from './wire-name.ts';

/** Media by address or by value. `data` is base64 without the `data:` prefix. */
export type MediaSource =
  | { kind: 'url'; url: string; mediaType?: string }
  | { kind: 'base64'; data: string; mediaType: string }
  | { kind: 'file-id'; id: string };

/** A prompt-cache marker on the block that carries it. */
export interface CacheMarker {
  ttl?: '5m' | '1h';
}

export interface Citation {
  title?: string;
  url?: string;
  /** The words of the source, when the provider gives them. */
  quote?: string;
  /** Where in the answer's text the cited words stand, in UTF-16 code units of that text. */
  start?: number;
  end?: number;
  /** The provider's own object, for a wire that can carry it whole. */
  native?: { wire: WireName; value: unknown };
}

export type TextPart = {
  type: 'text';
  text: string;
  cache?: CacheMarker;
  citations?: Citation[];
  signature?: Signature;
};
export type ImagePart = {
  type: 'image';
  source: MediaSource;
  detail?: 'low' | 'high' | 'auto' | 'original';
  cache?: CacheMarker;
};
/** `format` is `wav`, `mp3`, … */
export type AudioPart = { type: 'audio'; source: MediaSource; format?: string; cache?: CacheMarker };
export type VideoPart = { type: 'video'; source: MediaSource; cache?: CacheMarker };
/** A PDF or another document. Plain text documents have mediaType `text/plain`, their text base64-encoded. */
export type DocumentPart = {
  type: 'document';
  source: MediaSource;
  filename?: string;
  /** Anthropic and Bedrock: cite from this document. */
  citations?: boolean;
  context?: string;
  cache?: CacheMarker;
};
/**
 * Thinking. `text` may be empty (signature or encrypted content only). `redacted` is content that the provider hides
 * (Anthropic redacted_thinking.data, Bedrock redactedContent). `id` is the Responses item id.
 */
export type ReasoningPart = {
  type: 'reasoning';
  text: string;
  /** Responses: the text is a list of summaries, not the thinking itself. */
  summary?: boolean;
  signature?: Signature;
  redacted?: string;
  id?: string;
};
export type RefusalPart = { type: 'refusal'; text: string };
/** `arguments` is JSON text exactly as the model wrote it; empty becomes `{}`. */
export type ToolCallPart = {
  type: 'tool-call';
  id: string;
  name: string;
  arguments: string;
  signature?: Signature;
  cache?: CacheMarker;
};
export type ToolResultPart = {
  type: 'tool-result';
  callId: string;
  /** The tool's name, when the dialect gives it (Gemini); others look it up by callId. */
  name?: string;
  parts: (TextPart | ImagePart | AudioPart | VideoPart | DocumentPart)[];
  isError?: boolean;
  cache?: CacheMarker;
};
/** Something only one wire understands, kept whole for it. `what` names it for the loss report, e.g. `server_tool_use`. */
export type OpaquePart = { type: 'opaque'; wire: WireName; what: string; value: unknown };

export type Part =
  | TextPart
  | ImagePart
  | AudioPart
  | VideoPart
  | DocumentPart
  | ReasoningPart
  | RefusalPart
  | ToolCallPart
  | ToolResultPart
  | OpaquePart;

/** Roles as the caller gave them. Tool results stand in `tool` messages (one message may hold several, in order). */
export interface Message {
  role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  name?: string;
  parts: Part[];
}

/** `parameters` is a JSON Schema object. `strict` undefined means the caller did not say. */
export interface FunctionTool {
  type: 'function';
  name: string;
  description?: string;
  parameters?: JsonObject;
  strict?: boolean;
  cache?: CacheMarker;
}
/** A provider's own tool (web_search, code_execution, computer use …), kept whole for its wire. */
export interface NativeTool {
  type: 'native';
  wire: WireName;
  what: string;
  value: unknown;
}
export type Tool = FunctionTool | NativeTool;

export type ToolChoice =
  | { type: 'auto' }
  | { type: 'none' }
  | { type: 'required' }
  | { type: 'tool'; name: string }
  /** One of these must be called (OpenAI allowed_tools). `required` false leaves the choice to the model. */
  | { type: 'allowed'; names: string[]; required: boolean };

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json' }
  | { type: 'json-schema'; name: string; description?: string; schema: JsonObject; strict?: boolean };

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** What the caller asked of thinking. All absent: nothing was said. */
export interface ReasoningRequest {
  /** False forbids thinking. */
  enabled?: boolean;
  effort?: ReasoningEffort;
  budgetTokens?: number;
  /** Anthropic `adaptive`, Gemini budget -1: the model decides how much. */
  adaptive?: boolean;
  /** Show the thoughts (Gemini includeThoughts, Responses summary). */
  include?: boolean;
  summary?: 'auto' | 'concise' | 'detailed';
  /** Responses `include: ["reasoning.encrypted_content"]`. */
  includeEncrypted?: boolean;
}

/**
 * One chat request in the words of no provider. A wire reads the caller's body into it once; another wire writes it out.
 * What the caller's wire does not know rides in `extensions[dialect]`, keyed by the body's own field names.
 */
export interface ChatRequest {
  dialect: Dialect;
  model: string;
  messages: Message[];
  tools: Tool[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  minP?: number;
  stop: string[];
  seed?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  logitBias?: Record<string, number>;
  /** Present when the caller wants log probabilities; `top` alternatives for each token. */
  logprobs?: { top: number };
  /** How many choices; 1 unless asked for. */
  n: number;
  responseFormat?: ResponseFormat;
  reasoning?: ReasoningRequest;
  /** `auto`, `default`, `flex`, `priority`, `standard_only` … as the caller wrote it. */
  serviceTier?: string;
  metadata?: Record<string, string>;
  /** An opaque id of the end user (`user`, `safety_identifier`, Anthropic metadata.user_id). */
  endUser?: string;
  promptCacheKey?: string;
  modalities?: ('text' | 'audio' | 'image')[];
  /** OpenAI `audio` ({voice, format}) when audio output is wanted. */
  audioOutput?: { voice: string; format: string };
  verbosity?: 'low' | 'medium' | 'high';
  store?: boolean;
  stream: boolean;
  /** OpenAI chat: the caller wants the final usage chunk. Other dialects always send usage. */
  includeUsage: boolean;
  extensions: Partial<Record<Dialect, JsonObject>>;
}
