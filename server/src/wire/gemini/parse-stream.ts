import type { ChatEvent } from '../../core/chat-event.ts';
import { asNumber, asObject, isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { StreamParser, WireEvent } from '../wire.ts';
import { errorOf, statusOf } from './errors.ts';
import { promptBlocked } from './finish-reasons.ts';
import { type CandidateState, newCandidate, parseCandidate } from './parse-candidate.ts';
import { parseUsage } from './usage.ts';

/** What a stream or a whole answer has shown so far. */
export interface AnswerState {
  started: boolean;
  seed: string | undefined;
  candidates: CandidateState[];
  failed: boolean;
}

export const newAnswerState = (): AnswerState => ({ started: false, seed: undefined, candidates: [], failed: false });

/**
 * Reads a streamGenerateContent stream (`alt=sse`), each event a GenerateContentResponse. Google sends no end marker: the
 * answer is whole when every candidate gave its finishReason, and cut off when one did not.
 */
export function createStreamParser(): StreamParser {
  const state = newAnswerState();
  return {
    parse({ data }: WireEvent): ChatEvent[] {
      const events: ChatEvent[] = [];
      if (state.failed) return events;
      const json = tryParseJson(data);
      if (isObject(json)) parseChunk(json, state, events);
      else if (Array.isArray(json)) for (const chunk of json) if (isObject(chunk)) parseChunk(chunk, state, events);
      // Some proxies add OpenAI's end marker; anything else that is no JSON is a broken stream.
      if (json === undefined && data.trim() !== '' && data.trim() !== '[DONE]')
        fail(state, events, new SluiceError('upstream_invalid_answer', 'The provider sent a chunk that is not JSON.'));
      return events;
    },
    finish(): ChatEvent[] {
      const whole = state.candidates.length > 0 && state.candidates.every(({ finished }) => finished);
      if (state.failed || whole) return [];
      state.failed = true;
      const error = new SluiceError('upstream_invalid_answer', "The provider's stream was cut off before its end.");
      return [{ type: 'error', error }];
    },
  };
}

/** Adds the events of one GenerateContentResponse to `events`. */
export function parseChunk(chunk: JsonObject, state: AnswerState, events: ChatEvent[]): void {
  const error = asObject(chunk.error);
  if (error) {
    fail(state, events, errorOf(statusOf(error), error));
    return;
  }
  if (!state.started) start(chunk, state, events);
  // Before the candidates, so that a dialect whose last event holds both knows the figures when the finish comes.
  if (chunk.usageMetadata !== undefined) {
    const usage = parseUsage(chunk.usageMetadata);
    if (usage) events.push({ type: 'usage', usage });
  }
  const { candidates } = chunk;
  if (Array.isArray(candidates)) {
    for (let position = 0; position < candidates.length; position++) {
      const candidate: unknown = candidates[position];
      if (!isObject(candidate)) continue;
      const found = candidateAt(state, asNumber(candidate.index) ?? position);
      parseCandidate(candidate, found, () => seedOf(state), events);
    }
  }
  if (chunk.promptFeedback !== undefined) parseBlock(asObject(chunk.promptFeedback), state, events);
}

function start(chunk: JsonObject, state: AnswerState, events: ChatEvent[]): void {
  state.started = true;
  const { responseId, modelVersion, createTime } = chunk;
  const createdMs = typeof createTime === 'string' ? Date.parse(createTime) : Number.NaN;
  if (typeof responseId === 'string') state.seed = responseId.replace(/[^A-Za-z0-9-]/g, '-');
  events.push({
    type: 'start',
    ...(typeof responseId === 'string' && { id: responseId }),
    ...(typeof modelVersion === 'string' && { model: modelVersion }),
    ...(Number.isFinite(createdMs) && { createdSeconds: Math.floor(createdMs / 1000) }),
  });
}

/** A blocked prompt has no candidates at all: the answer is empty, filtered, and not an error. */
function parseBlock(feedback: JsonObject | undefined, state: AnswerState, events: ChatEvent[]): void {
  const reason = feedback?.blockReason;
  if (typeof reason !== 'string' || reason === 'BLOCKED_REASON_UNSPECIFIED' || state.candidates.length > 0) return;
  const candidate = candidateAt(state, 0);
  candidate.finished = true;
  events.push({ type: 'finish', choice: 0, reason: 'content-filter', native: promptBlocked + reason });
}

function candidateAt(state: AnswerState, index: number): CandidateState {
  for (const candidate of state.candidates) if (candidate.index === index) return candidate;
  const candidate = newCandidate(index);
  state.candidates.push(candidate);
  return candidate;
}

function fail(state: AnswerState, events: ChatEvent[], error: SluiceError): void {
  state.failed = true;
  events.push({ type: 'error', error });
}

// Without a responseId two answers of one conversation must still get different ids.
function seedOf(state: AnswerState): string {
  state.seed ??= crypto.randomUUID().replaceAll('-', '').slice(0, 20);
  return state.seed;
}
