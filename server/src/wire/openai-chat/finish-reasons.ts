import type { FinishReason } from '../../core/chat-event.ts';

export type ChatFinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/** Every word seen in `finish_reason`, OpenAI's and its imitators', in lower case. */
const read: Record<string, FinishReason> = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end: 'stop',
  end_turn: 'stop',
  complete: 'stop',
  completed: 'stop',
  stop_sequence: 'stop-sequence',
  length: 'length',
  max_length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  context_length_exceeded: 'context-exceeded',
  model_context_window_exceeded: 'context-exceeded',
  tool_calls: 'tool-calls',
  tool_call: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  safety: 'content-filter',
  sensitive: 'content-filter',
  refusal: 'refusal',
  pause_turn: 'pause',
  malformed_function_call: 'malformed-tool-call',
};

const written: Record<FinishReason, ChatFinishReason> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  pause: 'stop',
  'context-exceeded': 'length',
  'malformed-tool-call': 'stop',
  other: 'stop',
};

/** Reasons whose meaning does not survive OpenAI's five words. */
export const blurredReasons: ReadonlySet<FinishReason> = new Set(['pause', 'malformed-tool-call', 'other']);

/** Words that mean the answer broke off through the provider's own fault (Mistral, OpenRouter; DeepSeek). */
const faults: ReadonlySet<string> = new Set(['error', 'insufficient_system_resource']);

export const isFaultReason = (native: string): boolean => faults.has(native.toLowerCase());

/** What the choice held decides where the word does not: a forced tool call and a refusal both end with `stop`. */
export function readFinishReason(native: string | undefined, held: { calls: boolean; refusal: boolean }): FinishReason {
  const reason = native === undefined ? 'stop' : (read[native.toLowerCase()] ?? 'other');
  if (reason !== 'stop') return reason;
  if (held.calls) return 'tool-calls';
  return held.refusal ? 'refusal' : 'stop';
}

/** A refusal that was said in words ends with `stop`, as OpenAI's own do. */
export function writeFinishReason(reason: FinishReason, refused: boolean): ChatFinishReason {
  return reason === 'refusal' && refused ? 'stop' : written[reason];
}
