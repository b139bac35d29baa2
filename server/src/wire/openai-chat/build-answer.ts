import type { AnswerChoice, AnswerPart, ChatAnswer, MediaOutPart } from '../../core/chat-answer.ts';
import type { ReasoningPart, TextPart, ToolCallPart } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import type { AnswerContext } from '../wire.ts';
import { answerHead } from './answer-head.ts';
import { audioField, callSignatureField, imageField, loseBlurredReason, loseUncarried } from './answer-parts.ts';
import { writeAnnotation } from './citations.ts';
import { writeFinishReason } from './finish-reasons.ts';
import { isLegacy } from './legacy-functions.ts';
import { writeLogprobs } from './logprobs.ts';
import { encryptedEntry, writeReasoningEntries } from './reasoning-details.ts';
import { writeUsage } from './usage.ts';

/** A whole answer as a `chat.completion` object. */
export function buildAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const { service_tier, system_fingerprint, ...head } = answerHead(answer, context, 'chat.completion');
  return {
    ...head,
    choices: answer.choices.map((choice) => buildChoice(choice, context)),
    usage: writeUsage(answer.usage),
    ...(service_tier !== undefined && { service_tier }),
    ...(system_fingerprint !== undefined && { system_fingerprint }),
  };
}

function buildChoice(choice: AnswerChoice, context: AnswerContext): JsonObject {
  const message = buildMessage(choice.parts, context);
  const reason = choice.finish?.reason ?? 'stop';
  loseBlurredReason(reason, context);
  const called = isLegacy(context.request) && message.function_call !== undefined;
  const refusalLogprobs = ownValue(choice.parts, 'logprobs.refusal');
  const logprobs =
    choice.logprobs || refusalLogprobs
      ? { content: choice.logprobs ? writeLogprobs(choice.logprobs) : null, refusal: refusalLogprobs ?? null }
      : null;
  return {
    index: choice.index,
    message,
    logprobs,
    finish_reason:
      called && reason === 'tool-calls' ? 'function_call' : writeFinishReason(reason, message.refusal !== null),
    ...(choice.finish?.stopSequence !== undefined && { stop_reason: choice.finish.stopSequence }),
  };
}

function buildMessage(parts: readonly AnswerPart[], context: AnswerContext): JsonObject {
  const text = joinTexts(parts, 'text');
  const refusal = joinTexts(parts, 'refusal');
  const annotations = buildAnnotations(parts, text, context);
  const calls = [
    ...parts.filter((part): part is ToolCallPart => part.type === 'tool-call').map(buildCall),
    ...ownValues(parts, 'custom_tool_call'),
  ];
  const media = parts.filter((part): part is MediaOutPart => part.type === 'media');
  const images = [
    ...media.filter(({ mediaType }) => mediaType.startsWith('image/')).map(imageField),
    ...ownValues(parts, 'images'),
  ];
  const sound = media.find(({ mediaType }) => mediaType.startsWith('audio/'));
  loseUncarried(parts, context);
  const empty = calls.length > 0 || refusal !== '' || sound !== undefined ? null : '';
  return {
    role: 'assistant',
    content: text === '' ? empty : text,
    refusal: refusal === '' ? null : refusal,
    ...(annotations.length > 0 && { annotations }),
    ...buildReasoning(parts),
    ...(sound && { audio: audioField(sound, context) }),
    ...(images.length > 0 && { images }),
    ...(calls.length > 0 && buildCalls(calls, context)),
  };
}

/** `function_call` for callers who still send `functions`: it has room for one. */
function buildCalls(calls: unknown[], context: AnswerContext): JsonObject {
  if (!isLegacy(context.request)) return { tool_calls: calls };
  if (calls.length > 1) context.losses.push({ field: 'tool_calls', reason: 'function_call holds one call only' });
  const [first] = calls;
  return { function_call: isObject(first) ? first.function : undefined };
}

const buildCall = (call: ToolCallPart): JsonObject => ({
  id: call.id,
  type: 'function',
  function: { name: call.name, arguments: call.arguments === '' ? '{}' : call.arguments },
  ...callSignatureField(call.signature),
});

/** `reasoning_content` for people, and `reasoning_details` as soon as something must come back byte for byte. */
function buildReasoning(parts: readonly AnswerPart[]): JsonObject {
  const blocks = parts.filter((part): part is ReasoningPart => part.type === 'reasoning');
  const signedTexts = parts.filter((part): part is TextPart => part.type === 'text' && part.signature !== undefined);
  const foreign = ownValues(parts, 'reasoning_details');
  const content = blocks.map(({ text }) => text).join('');
  const sealed = blocks.some((block) => block.signature || block.redacted !== undefined || block.id !== undefined);
  const entries: unknown[] = sealed ? blocks.flatMap(writeReasoningEntries) : [];
  for (const text of signedTexts) entries.push(encryptedEntry(text.signature!, blocks.length));
  entries.push(...foreign);
  return {
    ...(content !== '' && { reasoning_content: content }),
    ...(entries.length > 0 && { reasoning_details: entries }),
  };
}

function buildAnnotations(parts: readonly AnswerPart[], text: string, context: AnswerContext): unknown[] {
  const annotations: unknown[] = [];
  for (const part of parts) {
    if (part.type !== 'text') continue;
    for (const citation of part.citations ?? []) {
      const annotation = writeAnnotation(citation, text);
      if (annotation) annotations.push(annotation);
      else context.losses.push({ field: 'citations', reason: 'an annotation needs an address' });
    }
  }
  annotations.push(...ownValues(parts, 'annotations'));
  return annotations;
}

function joinTexts(parts: readonly AnswerPart[], type: 'text' | 'refusal'): string {
  let joined = '';
  for (const part of parts) if (part.type === type) joined += part.text;
  return joined;
}

const ownValues = (parts: readonly AnswerPart[], what: string): unknown[] =>
  parts.flatMap((part) =>
    part.type === 'opaque' && part.wire === 'openai-chat' && part.what === what ? [part.value] : [],
  );

const ownValue = (parts: readonly AnswerPart[], what: string): unknown => ownValues(parts, what)[0];
