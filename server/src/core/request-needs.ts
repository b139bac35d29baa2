import type { ChatRequest, DocumentPart, Part } from './chat-request.ts';
import { estimateInputTokens, estimateTextTokens } from './count-tokens.ts';
import type { EmbeddingsRequest } from './embeddings.ts';

/** What a model must be able to do to answer a request, and how much it must hold. */
export interface RequestNeeds {
  /** At least so many tokens; see `estimateInputTokens`. Of an embeddings request, those of its longest input. Worked out when first asked for. */
  readonly inputTokensEstimate: number;
  /** The length of the whole body, when it is known: no request has more tokens than characters. */
  inputLength?: number;
  /** The longest answer that the caller allows, when they said. */
  maxOutputTokens?: number;
  /** Functions of the caller's own; a provider's own tools are that provider's affair. */
  tools: boolean;
  vision: boolean;
  /** PDF and the like. A plain text document is text to any model. */
  documents: boolean;
  audioIn: boolean;
  videoIn: boolean;
  audioOut: boolean;
  imageOut: boolean;
  /** The answer must follow a JSON Schema. */
  jsonSchema: boolean;
  /** The caller asked for thinking. */
  reasoning: boolean;
  /** Vectors are wanted, not an answer. Too long an input is cut by some providers and refused by others. */
  embeddings: boolean;
}

export function needsOf(request: ChatRequest): RequestNeeds {
  const seen = new Set<Part['type']>();
  for (const message of request.messages) {
    for (const part of message.parts) {
      note(part, seen);
      if (part.type === 'tool-result') for (const inner of part.parts) note(inner, seen);
    }
  }
  let estimate: number | undefined;
  const needs: RequestNeeds = {
    get inputTokensEstimate() {
      estimate ??= estimateInputTokens(request);
      return estimate;
    },
    tools: request.tools.some((tool) => tool.type === 'function'),
    vision: seen.has('image'),
    documents: seen.has('document'),
    audioIn: seen.has('audio'),
    videoIn: seen.has('video'),
    audioOut: request.modalities?.includes('audio') ?? false,
    imageOut: request.modalities?.includes('image') ?? false,
    jsonSchema: request.responseFormat?.type === 'json-schema',
    reasoning: wantsReasoning(request),
    embeddings: false,
  };
  if (request.maxOutputTokens !== undefined) needs.maxOutputTokens = request.maxOutputTokens;
  return needs;
}

export function needsOfEmbeddings({ inputs }: EmbeddingsRequest): RequestNeeds {
  let longest = 0;
  for (const input of inputs) {
    longest = Math.max(longest, typeof input === 'string' ? estimateTextTokens(input) : input.length);
  }
  return {
    inputTokensEstimate: longest,
    tools: false,
    vision: false,
    documents: false,
    audioIn: false,
    videoIn: false,
    audioOut: false,
    imageOut: false,
    jsonSchema: false,
    reasoning: false,
    embeddings: true,
  };
}

function note(part: Part, seen: Set<Part['type']>): void {
  if (part.type !== 'document' || !isPlainText(part)) seen.add(part.type);
}

function isPlainText({ source }: DocumentPart): boolean {
  return source.kind !== 'file-id' && (source.mediaType?.startsWith('text/') ?? false);
}

function wantsReasoning({ reasoning }: ChatRequest): boolean {
  if (!reasoning || reasoning.enabled === false || reasoning.effort === 'none') return false;
  return (
    reasoning.enabled === true ||
    reasoning.adaptive === true ||
    reasoning.effort !== undefined ||
    (reasoning.budgetTokens ?? 0) > 0
  );
}
