import type { FinishReason } from '../../core/chat-event.ts';

// https://ai.google.dev/api/generate-content#FinishReason, and what Vertex AI adds.
const reasons: Record<string, FinishReason> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'malformed-tool-call',
  UNEXPECTED_TOOL_CALL: 'malformed-tool-call',
  CONTINUATION: 'pause',
  LANGUAGE: 'other',
  OTHER: 'other',
  NO_IMAGE: 'other',
  IMAGE_OTHER: 'other',
  TOO_MANY_TOOL_CALLS: 'other',
  MISSING_THOUGHT_SIGNATURE: 'other',
  MALFORMED_RESPONSE: 'other',
  FINISH_REASON_UNSPECIFIED: 'other',
};

/** Gemini's word as ours. STOP after function calls means that the calls are to be answered. */
export function finishReasonOf(native: string, hasCalls: boolean): FinishReason {
  const reason = Object.hasOwn(reasons, native) ? reasons[native]! : 'other';
  return reason === 'stop' && hasCalls ? 'tool-calls' : reason;
}

const natives: Record<FinishReason, string> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  pause: 'OTHER',
  'context-exceeded': 'MAX_TOKENS',
  'malformed-tool-call': 'MALFORMED_FUNCTION_CALL',
  other: 'OTHER',
};

/** Our reason as Gemini's word: the provider's own when it is one of Gemini's and means the same. */
export function nativeFinishReason(reason: FinishReason, native: string | undefined): string {
  if (native !== undefined && Object.hasOwn(reasons, native)) {
    if (finishReasonOf(native, reason === 'tool-calls') === reason) return native;
  }
  return natives[reason];
}

/** A prompt that was refused before any candidate: `promptFeedback.` and the block reason. */
export const promptBlocked = 'promptFeedback.';
