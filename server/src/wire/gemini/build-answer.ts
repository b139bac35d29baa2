import type { AnswerChoice, ChatAnswer } from '../../core/chat-answer.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import type { AnswerContext } from '../wire.ts';
import { buildAnswerPart, candidateFields, logprobsResult } from './build-answer-part.ts';
import { type CitedText, groundingOf, isNative } from './build-grounding.ts';
import { nativeFinishReason, promptBlocked } from './finish-reasons.ts';
import { lose } from './losses.ts';
import { buildUsage } from './usage.ts';

/** A complete answer as a GenerateContentResponse. */
export function buildAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const [first] = answer.choices;
  const native = first?.finish?.native;
  const blocked = first?.parts.length === 0 && native?.startsWith(promptBlocked);
  return {
    ...(blocked
      ? { promptFeedback: { blockReason: native!.slice(promptBlocked.length) } }
      : { candidates: answer.choices.map((choice) => buildCandidate(choice, context.losses)) }),
    usageMetadata: buildUsage(answer.usage),
    modelVersion: answer.model ?? context.model,
    ...createTimeOf(answer.createdSeconds),
    responseId: answer.id ?? context.newId(''),
  };
}

/** Vertex AI names the time of an answer; others leave it out. */
export const createTimeOf = (seconds: number | undefined): JsonObject =>
  seconds === undefined ? {} : { createTime: new Date(seconds * 1000).toISOString() };

function buildCandidate(choice: AnswerChoice, losses: Loss[]): JsonObject {
  const parts: JsonObject[] = [];
  const beside: JsonObject = {};
  const cited: CitedText[] = [];
  const recited: JsonObject[] = [];
  for (const part of choice.parts) {
    if (part.type === 'opaque' && part.wire === 'gemini' && candidateFields.includes(part.what))
      beside[part.what] = part.value;
    const built = buildAnswerPart(part, losses);
    if (part.type === 'text' && part.citations) {
      const citations = part.citations.filter((citation) => !isNative(citation));
      cited.push({ text: part.text, citations, partIndex: parts.length });
      recited.push(...part.citations.filter(isNative).flatMap(({ native }) => recitationIn(native?.value)));
    }
    parts.push(...built);
  }
  const grounding = beside.groundingMetadata === undefined ? groundingOf(cited) : undefined;
  if (choice.finish?.stopSequence !== undefined) noteStopSequence(losses);
  return {
    content: { parts: parts.length > 0 ? parts : [{ text: '' }], role: 'model' },
    finishReason: choice.finish ? nativeFinishReason(choice.finish.reason, choice.finish.native) : 'OTHER',
    index: choice.index,
    ...(grounding && { groundingMetadata: grounding }),
    ...beside,
    ...(recited.length > 0 && { citationMetadata: { citations: recited } }),
    ...(choice.logprobs && { logprobsResult: logprobsResult(choice.logprobs) }),
  };
}

/** A native citation is a recitation when it is not a grounding chunk. */
export function recitationIn(value: unknown): JsonObject[] {
  const native = value as JsonObject;
  return 'chunk' in native ? [] : [native];
}

export const noteStopSequence = (losses: Loss[]): void =>
  lose(losses, 'stop_sequence', 'Gemini does not say which stop sequence was met');
