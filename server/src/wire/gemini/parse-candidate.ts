import type { ChatEvent, TokenLogprob } from '../../core/chat-event.ts';
import { asArray, asNumber, asObject, asString, isObject, type JsonObject } from '../../core/json.ts';
import { madeCallId } from './call-ids.ts';
import { finishReasonOf } from './finish-reasons.ts';
import { citationsOf, recitationsOf } from './parse-grounding.ts';
import { createPartialArguments, type PartialArguments } from './partial-arguments.ts';
import { readThoughtSignature } from './thought-signature.ts';

/** What is known of one candidate while its answer comes in, whole or in chunks. */
export interface CandidateState {
  index: number;
  /** The last run of text, which citations count in. */
  text: string;
  inText: boolean;
  thinking: boolean;
  calls: number;
  open?: { index: number; args: PartialArguments };
  finished: boolean;
}

export const newCandidate = (index: number): CandidateState => ({
  index,
  text: '',
  inText: false,
  thinking: false,
  calls: 0,
  finished: false,
});

/** Adds the events of one candidate object to `events`. `answerSeed` is the seed of ids for calls that have none. */
export function parseCandidate(
  candidate: JsonObject,
  state: CandidateState,
  answerSeed: () => string,
  events: ChatEvent[],
): void {
  const content = candidate.content as JsonObject | undefined;
  const parts = content?.parts;
  if (candidate.logprobsResult !== undefined) {
    parseWithLogprobs(candidate, parts, state, answerSeed, events);
  } else if (Array.isArray(parts)) {
    for (const part of parts) if (isObject(part)) parsePart(part, state, answerSeed, events);
  }
  if (candidate.groundingMetadata !== undefined || candidate.citationMetadata !== undefined)
    parseCitations(candidate, state, events);
  if (isObject(candidate.urlContextMetadata))
    events.push(opaque(state.index, 'urlContextMetadata', candidate.urlContextMetadata));
  if (typeof candidate.finishReason === 'string' && candidate.finishReason !== '')
    finishCandidate(state, candidate.finishReason, events);
}

/** Closes what is open and says why the candidate ended. */
export function finishCandidate(state: CandidateState, native: string | undefined, events: ChatEvent[]): void {
  if (state.finished) return;
  closeThought(state, events);
  closeCall(state, events);
  state.finished = true;
  events.push({
    type: 'finish',
    choice: state.index,
    reason: native === undefined ? 'other' : finishReasonOf(native, state.calls > 0),
    ...(native !== undefined && { native }),
  });
}

function parsePart(part: JsonObject, state: CandidateState, answerSeed: () => string, events: ChatEvent[]): void {
  const { text } = part;
  if (typeof text === 'string') {
    if (part.thought === true) parseThought(part, text, state, events);
    else parseText(part, text, state, events);
    return;
  }
  closeThought(state, events);
  if (isObject(part.functionCall)) {
    parseCall(part.functionCall, asString(part.thoughtSignature), state, answerSeed, events);
    return;
  }
  closeCall(state, events);
  const blob = asObject(part.inlineData);
  if (blob && typeof blob.data === 'string') {
    const transcript = asString(asObject(part.audioTranscription)?.text);
    events.push({
      type: 'media',
      choice: state.index,
      mediaType: asString(blob.mimeType) ?? 'application/octet-stream',
      data: blob.data,
      ...(transcript !== undefined && { transcript }),
    });
    state.inText = false;
    signText(part.thoughtSignature, state, events);
    return;
  }
  const what = Object.keys(part).find((key) => key !== 'thoughtSignature' && key !== 'thought');
  if (what === undefined) {
    signText(part.thoughtSignature, state, events);
    return;
  }
  state.inText = false;
  events.push(opaque(state.index, what, part));
}

function parseText(part: JsonObject, text: string, state: CandidateState, events: ChatEvent[]): void {
  if (text !== '') {
    closeThought(state, events);
    closeCall(state, events);
    state.text = state.inText ? state.text + text : text;
    state.inText = true;
    events.push({ type: 'text-delta', choice: state.index, text });
  }
  if (part.thoughtSignature !== undefined) signText(part.thoughtSignature, state, events);
}

function signText(value: unknown, state: CandidateState, events: ChatEvent[]): void {
  if (typeof value !== 'string' || value === '') return;
  closeThought(state, events);
  const { signature } = readThoughtSignature(value, 'text');
  if (signature) events.push({ type: 'text-signature', choice: state.index, signature });
}

function parseThought(part: JsonObject, text: string, state: CandidateState, events: ChatEvent[]): void {
  closeCall(state, events);
  state.inText = false;
  if (text !== '') {
    state.thinking = true;
    events.push({ type: 'reasoning-delta', choice: state.index, text });
  }
  if (typeof part.thoughtSignature !== 'string' || part.thoughtSignature === '') return;
  state.thinking = false;
  events.push({
    type: 'reasoning-end',
    choice: state.index,
    ...readThoughtSignature(part.thoughtSignature, 'thought'),
  });
}

function closeThought(state: CandidateState, events: ChatEvent[]): void {
  if (!state.thinking) return;
  state.thinking = false;
  events.push({ type: 'reasoning-end', choice: state.index });
}

function parseCall(
  call: JsonObject,
  signed: string | undefined,
  state: CandidateState,
  answerSeed: () => string,
  events: ChatEvent[],
): void {
  const choice = state.index;
  const name = asString(call.name);
  if (name !== undefined && name !== '') {
    closeCall(state, events);
    const index = state.calls++;
    const id = asString(call.id) || madeCallId(choice === 0 ? answerSeed() : `${choice}_${answerSeed()}`, index);
    const signature = signed ? readThoughtSignature(signed, 'call').signature : undefined;
    events.push({ type: 'tool-call-start', choice, index, id, name, ...(signature && { signature }) });
    state.inText = false;
    state.open = { index, args: createPartialArguments() };
  }
  if (!state.open) return;
  if (isObject(call.args)) state.open.args.addWhole(call.args);
  state.open.args.add(call.partialArgs);
  // A call given whole says nothing of going on; a streamed one ends with an empty functionCall.
  if (call.willContinue !== true) closeCall(state, events);
}

function closeCall(state: CandidateState, events: ChatEvent[]): void {
  if (!state.open) return;
  const { index, args } = state.open;
  delete state.open;
  events.push({ type: 'tool-call-delta', choice: state.index, index, arguments: args.text() });
  events.push({ type: 'tool-call-end', choice: state.index, index });
}

function parseCitations(candidate: JsonObject, state: CandidateState, events: ChatEvent[]): void {
  const choice = state.index;
  const recited = asObject(candidate.citationMetadata);
  if (recited)
    for (const citation of recitationsOf(recited, state.text)) events.push({ type: 'citation', choice, citation });
  const grounding = asObject(candidate.groundingMetadata);
  if (!grounding || Object.keys(grounding).length === 0) return;
  for (const citation of citationsOf(grounding, state.text)) events.push({ type: 'citation', choice, citation });
  // The search suggestions must be shown as they are; only this wire can carry them.
  events.push(opaque(choice, 'groundingMetadata', grounding));
}

const opaque = (choice: number, what: string, value: unknown): ChatEvent => ({
  type: 'opaque',
  choice,
  wire: 'gemini',
  what,
  value,
});

function parseWithLogprobs(
  candidate: JsonObject,
  parts: unknown,
  state: CandidateState,
  answerSeed: () => string,
  events: ChatEvent[],
): void {
  const own: ChatEvent[] = [];
  for (const part of asArray(parts)) if (isObject(part)) parsePart(part, state, answerSeed, own);
  const logprobs = logprobsOf(asObject(candidate.logprobsResult) ?? {});
  const text = own.findLast((event) => event.type === 'text-delta');
  if (logprobs.length > 0) {
    if (text?.type === 'text-delta') text.logprobs = logprobs;
    else if (state.inText) own.push({ type: 'text-delta', choice: state.index, text: '', logprobs });
  }
  events.push(...own);
}

function logprobsOf(result: JsonObject): TokenLogprob[] {
  const tops = asArray(result.topCandidates);
  return asArray(result.chosenCandidates).map((chosen, index) => ({
    ...tokenOf(chosen),
    top: asArray(asObject(tops[index])?.candidates).map(tokenOf),
  }));
}

function tokenOf(value: unknown): { token: string; logprob: number } {
  const candidate = asObject(value) ?? {};
  return { token: asString(candidate.token) ?? '', logprob: asNumber(candidate.logProbability) ?? 0 };
}
