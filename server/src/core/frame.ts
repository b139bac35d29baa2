import type { ChatEvent } from './chat-event.ts';
import type { WireName } from './wire-name.ts';

/**
 * The wires of answers that are not chat: their frames are whole JSON bodies without chat events. A frame of `events` is chat
 * without any bytes, for whoever writes it in a wire.
 */
export type AnswerWire = WireName | 'openai-embeddings' | 'gemini-embeddings' | 'count-tokens' | 'events';

/**
 * A piece of an answer on its way out: the provider's own bytes (one or more whole events, or a whole JSON body), decoded
 * only when somebody asks. Decoding keeps state from frame to frame, so a reader asks every frame in order, or none.
 */
export interface Frame {
  readonly wire: AnswerWire;
  /** May be empty when the frame exists only for those who keep count (a usage chunk that the caller did not ask for). */
  readonly bytes: Uint8Array;
  events(): ChatEvent[];
}

export type Frames = AsyncGenerator<Frame, void, undefined>;
