import type { FinishReason } from '../../core/chat-event.ts';

/** Converse's stop reasons, and those of Anthropic that Bedrock passes through, as ours. */
const reasons: Record<string, FinishReason> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  malformed_model_output: 'other',
  malformed_tool_use: 'malformed-tool-call',
  model_context_window_exceeded: 'context-exceeded',
  refusal: 'refusal',
  pause_turn: 'pause',
};

/** Total: a word we have never seen is `other`. */
export const finishReason = (native: string): FinishReason =>
  (Object.hasOwn(reasons, native) ? reasons[native] : undefined) ?? 'other';
