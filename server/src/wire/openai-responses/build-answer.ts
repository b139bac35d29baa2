import type { AnswerPart, ChatAnswer } from '../../core/chat-answer.ts';
import type { TokenLogprob } from '../../core/chat-event.ts';
import type { Citation, TextPart } from '../../core/chat-request.ts';
import { asObject, type JsonObject } from '../../core/json.ts';
import type { Signature } from '../../core/signature.ts';
import type { AnswerContext } from '../wire.ts';
import { buildAnnotation } from './annotations.ts';
import { carryReasoning } from './carried-reasoning.ts';
import { buildEnding } from './finish-reasons.ts';
import {
  callItem,
  imageItem,
  markCut,
  messageItem,
  outputText,
  reasoningItem,
  refusalContent,
} from './output-items.ts';
import { malformedCall, responseId, responseObject } from './response-object.ts';
import { buildLogprobs } from './token-logprobs.ts';

/** A whole answer as a Response. The dialect knows one choice: others become a loss. */
export function buildAnswer(answer: ChatAnswer, context: AnswerContext): JsonObject {
  const [choice, ...others] = answer.choices;
  if (others.length > 0) context.losses.push({ field: 'n', reason: 'a Response holds one choice' });
  const output = buildOutput(choice?.parts ?? [], choice?.logprobs ?? [], context);
  const refused = choice?.parts.some((part) => part.type === 'refusal') ?? false;
  const ending = buildEnding(choice?.finish?.reason, refused);
  if (ending.status === 'incomplete') markCut(output);
  return responseObject(
    {
      id: responseId(answer.id, context),
      createdSeconds: answer.createdSeconds ?? context.nowSeconds,
      model: answer.model ?? context.model,
      serviceTier: answer.serviceTier,
      ending,
      output,
      usage: answer.usage,
      ...(ending.status === 'failed' && { error: malformedCall }),
    },
    context,
  );
}

function buildOutput(parts: readonly AnswerPart[], logprobs: TokenLogprob[], context: AnswerContext): JsonObject[] {
  const output: JsonObject[] = [];
  const tokens = [...logprobs];
  let content: JsonObject[] = [];
  let textSignature: Signature | undefined;
  const flush = () => {
    if (content.length > 0) output.push(messageItem(context.newId('msg_'), 'completed', content));
    content = [];
    if (textSignature) output.push(signatureItem(textSignature, context));
    textSignature = undefined;
  };
  for (const part of parts) {
    if (part.type === 'text') {
      if (part.signature) textSignature = part.signature;
      if (part.text !== '') content.push(textContent(part, takeTokens(tokens, part.text), context));
      else if (part.citations) context.losses.push({ field: 'citations', reason: 'there is no text to cite from' });
    } else if (part.type === 'refusal') content.push(refusalContent(part.text));
    else if (part.type === 'media' && part.transcript) {
      loseSound(part.mediaType, context);
      content.push(outputText(part.transcript, [], []));
    } else {
      const items = buildItems(part, context);
      if (items.length > 0) flush();
      output.push(...items);
    }
  }
  flush();
  return output;
}

function textContent(part: TextPart, tokens: TokenLogprob[], context: AnswerContext): JsonObject {
  return outputText(part.text, annotationsOf(part.citations ?? [], part.text, context), buildLogprobs(tokens));
}

/** Citations that this dialect can show; the others become a loss. */
export function annotationsOf(citations: readonly Citation[], text: string, context: AnswerContext): JsonObject[] {
  return citations.flatMap((citation) => {
    const annotation = buildAnnotation(citation, text);
    if (!annotation) context.losses.push({ field: 'citations', reason: 'a citation needs a web address here' });
    return annotation ? [annotation] : [];
  });
}

/** The log probabilities of a choice are one list: each text takes the tokens that make it up. */
function takeTokens(tokens: TokenLogprob[], text: string): TokenLogprob[] {
  let length = 0;
  let count = 0;
  while (count < tokens.length && length < text.length) length += tokens[count++]!.token.length;
  return tokens.splice(0, count);
}

/** The items of a part that is no text; none when the dialect cannot show it. */
function buildItems(part: AnswerPart, context: AnswerContext): JsonObject[] {
  switch (part.type) {
    case 'reasoning': {
      const id = part.id?.startsWith('rs_') ? part.id : context.newId('rs_');
      const encrypted = carryReasoning(part, id);
      return part.text === '' && encrypted === undefined ? [] : [reasoningItem(id, part.text, encrypted)];
    }
    case 'tool-call': {
      const text = part.arguments.trim() === '' ? '{}' : part.arguments;
      const call = callItem(context.newId('fc_'), part.id, part.name, text, 'completed');
      return part.signature ? [signatureItem(part.signature, context), call] : [call];
    }
    case 'media':
    case 'opaque': {
      const item = buildForeignItem(part, context);
      return item ? [item] : [];
    }
    default:
      context.losses.push({ field: part.type, reason: 'a Response cannot show it' });
      return [];
  }
}

/** Sound has no place in a Response; the words that were spoken stay, as text. */
export function loseSound(mediaType: string, context: AnswerContext): void {
  context.losses.push({ field: mediaType, reason: 'a Response shows images only' });
}

/** An image or a native item; undefined, with a loss, when it is neither. */
export function buildForeignItem(
  part: Extract<AnswerPart, { type: 'media' | 'opaque' }>,
  context: AnswerContext,
): JsonObject | undefined {
  if (part.type === 'media') {
    if (part.mediaType.startsWith('image/')) return imageItem(context.newId('ig_'), part.mediaType, part.data);
    loseSound(part.mediaType, context);
    return undefined;
  }
  const value = part.wire === 'openai-responses' ? asObject(part.value) : undefined;
  if (!value) context.losses.push({ field: part.what, reason: 'only the dialect of its provider can show it' });
  return value;
}

/** A signature of a text or a call, which have no field for it here: an empty reasoning item beside them. */
export function signatureItem(signature: Signature, context: AnswerContext): JsonObject {
  const id = context.newId('rs_');
  return reasoningItem(id, '', carryReasoning({ signature }, id));
}
