import type { Citation } from './chat-request.ts';
import type { Signature } from './signature.ts';
import type { SluiceError } from './sluice-error.ts';
import type { Usage } from './usage.ts';
import type { WireName } from './wire-name.ts';

/** Why a choice ended, as one total list. `native` on the event keeps the provider's own word. */
export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  /** Anthropic pause_turn: a server tool loop was paused; send the answer back to continue. */
  | 'pause'
  | 'context-exceeded'
  /** The model wrote a tool call that cannot be parsed (Gemini MALFORMED_FUNCTION_CALL). */
  | 'malformed-tool-call'
  | 'other';

export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes?: number[] | null;
  top: { token: string; logprob: number; bytes?: number[] | null }[];
}

/**
 * What happens in an answer, in order. A whole JSON answer is the same list at once. `choice` is 0 unless n > 1.
 * A reasoning block is a run of `reasoning-delta` closed by `reasoning-end`; a block that has only a signature or only
 * hidden content is a `reasoning-end` alone. `index` numbers the tool calls of a choice from 0.
 */
export type ChatEvent =
  | {
      type: 'start';
      id?: string;
      model?: string;
      createdSeconds?: number;
      serviceTier?: string;
      systemFingerprint?: string;
    }
  | { type: 'text-delta'; choice: number; text: string; logprobs?: TokenLogprob[] }
  | { type: 'refusal-delta'; choice: number; text: string }
  | { type: 'reasoning-delta'; choice: number; text: string; summary?: boolean }
  | { type: 'reasoning-end'; choice: number; signature?: Signature; redacted?: string; id?: string }
  | { type: 'tool-call-start'; choice: number; index: number; id: string; name: string; signature?: Signature }
  | { type: 'tool-call-delta'; choice: number; index: number; arguments: string }
  | { type: 'tool-call-end'; choice: number; index: number }
  /** A citation of the text that came before it. */
  | { type: 'citation'; choice: number; citation: Citation }
  /** An image or sound in the answer; `transcript` and `id` come with OpenAI audio. */
  | { type: 'media'; choice: number; mediaType: string; data: string; transcript?: string; id?: string }
  /** The provider signed the text itself (Gemini). */
  | { type: 'text-signature'; choice: number; signature: Signature }
  /** A native item that only its own wire can carry (server tool use and results, images made by a tool …). */
  | { type: 'opaque'; choice: number; wire: WireName; what: string; value: unknown }
  | {
      type: 'finish';
      choice: number;
      reason: FinishReason;
      native?: string;
      stopSequence?: string;
    }
  /** Cumulative: the latest one counts, they are never added. */
  | { type: 'usage'; usage: Usage }
  | { type: 'error'; error: SluiceError }
  | { type: 'ping' };
