import type { FinishReason } from '../../core/chat-event.ts';

/** How a Response ended: its `status`, with the reason that goes into `incomplete_details` when it is incomplete. */
export type Ending =
  | { status: 'completed' }
  | { status: 'incomplete'; reason: 'max_output_tokens' | 'content_filter' }
  | { status: 'failed' };

/**
 * `native` is the reason of an incomplete Response, else its status. The Responses API has no word for a tool call or a
 * refusal: both are seen in the output alone.
 */
export function parseFinish(native: string, output: { called: boolean; refused: boolean }): FinishReason {
  switch (native) {
    case 'completed':
      if (output.called) return 'tool-calls';
      return output.refused ? 'refusal' : 'stop';
    case 'max_output_tokens':
      return 'length';
    case 'content_filter':
      return 'content-filter';
    default:
      return 'other';
  }
}

/** `refused` says that the output holds a refusal part; a refusal without words can only be shown as filtered content. */
export function buildEnding(reason: FinishReason | undefined, refused: boolean): Ending {
  switch (reason) {
    case undefined:
    case 'stop':
    case 'stop-sequence':
    case 'tool-calls':
    case 'pause':
    case 'other':
      return { status: 'completed' };
    case 'length':
    case 'context-exceeded':
      return { status: 'incomplete', reason: 'max_output_tokens' };
    case 'content-filter':
      return { status: 'incomplete', reason: 'content_filter' };
    case 'refusal':
      return refused ? { status: 'completed' } : { status: 'incomplete', reason: 'content_filter' };
    case 'malformed-tool-call':
      return { status: 'failed' };
  }
}
