import type { CallContext, ChatCall } from '../../core/call.ts';
import type { ChatEvent } from '../../core/chat-event.ts';
import type { Frame } from '../../core/frame.ts';
import type { Loss } from '../../core/loss.ts';
import type { Usage } from '../../core/usage.ts';
import type { WireName } from '../../core/wire-name.ts';
import { sha256 } from './request-key.ts';

/** One complete answer, as it is kept. Everything in it can be written as JSON but the bytes, which are UTF-8. */
export interface StoredAnswer {
  /** Half of the key: whose it is. Checked again wherever the answer is read. */
  scope: string;
  /** The other half: what was asked. */
  hash: string;
  organisationId: string;
  /** The model as it was asked for, and the one that answered, for invalidation. */
  modelAsked: string;
  model?: string;
  provider?: string;
  wire: WireName;
  form: 'json' | 'stream';
  /** What else decides whether the bytes can leave as they are. */
  variant: string;
  /** The provider's own bytes, when the caller spoke its wire; else the events. */
  bytes?: Uint8Array;
  events?: ChatEvent[];
  usage?: Usage;
  finish?: string;
  losses: Loss[];
  tags: string[];
  costNanos: number | null;
  /** Wall clock: when the question arrived, and when the answer was whole. */
  askedAt: number;
  storedAt: number;
  expiresAt: number;
  /** What it weighs in memory. */
  size: number;
}

/** Reads a provider's own bytes as chat events. */
export type DecodeAnswer = (wire: WireName, form: StoredAnswer['form'], bytes: Uint8Array) => ChatEvent[];

const nothing = new Uint8Array(0);
const overheadBytes = 600;

/** What of the frames is kept: their bytes, or their events where no bytes were made for this caller. */
export function contentOf(frames: readonly Frame[]): { bytes?: Uint8Array; events?: ChatEvent[]; size: number } {
  const bytes = frames.length === 1 ? frames[0]!.bytes : Buffer.concat(frames.map((frame) => frame.bytes));
  if (bytes.length > 0) return { bytes, size: bytes.length + overheadBytes };
  const events = frames.flatMap((frame) => frame.events());
  return { events, size: JSON.stringify(events).length + overheadBytes };
}

/**
 * Bytes made for one call fit another only when this is equal: OpenAI's stream has a usage chunk or not, and the Responses API
 * repeats fields of the request that are no part of the question.
 */
export function variantOf({ dialect, stream, request }: ChatCall): string {
  if (dialect === 'openai-chat') return stream && request.includeUsage ? 'usage' : '';
  if (dialect !== 'openai-responses') return '';
  const { metadata, endUser, promptCacheKey, store } = request;
  return sha256(JSON.stringify([metadata, endUser, promptCacheKey, store]));
}

/** Whether two callers must not be given one answer's id: it is stored under that id, for each of them apart. */
export const needsOwnId = ({ dialect, request }: ChatCall): boolean =>
  dialect === 'openai-responses' && request.store !== false;

/** One frame with the whole answer, in the form that this caller asked for: the stored bytes where they fit, else the events. */
export function replayAnswer(answer: StoredAnswer, call: ChatCall, decode: DecodeAnswer): Frame {
  const { bytes, wire, form } = answer;
  const events = () => answer.events ?? withUsage(decode(wire, form, bytes ?? nothing), answer.usage);
  const fits =
    bytes !== undefined &&
    form === (call.stream ? 'stream' : 'json') &&
    (wire !== call.dialect || answer.variant === variantOf(call)) &&
    !needsOwnId(call);
  if (fits) return { wire, bytes, events };
  return { wire: 'events', bytes: nothing, events: needsOwnId(call) ? () => withoutIds(events()) : events };
}

/** The chunk with the usage may have been taken out of the bytes; the figures are known all the same. */
function withUsage(events: ChatEvent[], usage: Usage | undefined): ChatEvent[] {
  if (!usage || events.some(({ type }) => type === 'usage')) return events;
  return [...events, { type: 'usage', usage }];
}

const withoutIds = (events: ChatEvent[]): ChatEvent[] =>
  events.map((event) => (event.type === 'start' ? { ...event, id: undefined } : event));

/** Tells the headers and the ledger of an answer that no provider was asked for. */
export function tellFacts({ facts, startedMs }: CallContext, answer: StoredAnswer, nowMs: number): void {
  facts.model = answer.model;
  facts.provider = answer.provider;
  facts.wire = answer.wire;
  facts.finish = answer.finish;
  facts.losses = answer.losses;
  facts.complete = true;
  facts.firstFrameMs = nowMs - startedMs;
  facts.upstreamMs = 0;
}
