import type { FinishReason } from '../../core/chat-event.ts';

const fromNative: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  tool_use: 'tool-calls',
  pause_turn: 'pause',
  /** Beta: the server stopped after writing its summary; sending the answer back continues, as with pause_turn. */
  compaction: 'pause',
  refusal: 'refusal',
  model_context_window_exceeded: 'context-exceeded',
};

const toNative: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  'context-exceeded': 'model_context_window_exceeded',
  'malformed-tool-call': 'end_turn',
  other: 'end_turn',
};

/** Anthropic's `stop_reason` as ours; a word we do not know is `other`. */
export const readStopReason = (native: string | undefined): FinishReason =>
  native !== undefined && Object.hasOwn(fromNative, native) ? fromNative[native]! : 'other';

/** Our reason as a `stop_reason`; Anthropic's own word comes back as it was. */
export const buildStopReason = (reason: FinishReason, native?: string): string =>
  native !== undefined && Object.hasOwn(fromNative, native) && fromNative[native] === reason
    ? native
    : toNative[reason];
