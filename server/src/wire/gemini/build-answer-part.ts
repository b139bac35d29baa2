import type { AnswerPart } from '../../core/chat-answer.ts';
import type { TokenLogprob } from '../../core/chat-event.ts';
import { isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import type { Signature } from '../../core/signature.ts';
import { buildMedia } from './build-part.ts';
import { isMadeCallId } from './call-ids.ts';
import { lose } from './losses.ts';
import { writeRedacted, writeThoughtSignature } from './thought-signature.ts';

/** What stands beside the parts of a candidate, not among them. */
export const candidateFields = ['groundingMetadata', 'urlContextMetadata'];

/** One part of an answer as Gemini's parts; an empty list when there is nothing to show. */
export function buildAnswerPart(part: AnswerPart, losses: Loss[]): JsonObject[] {
  switch (part.type) {
    case 'text':
      if (part.text === '' && !part.signature) return [];
      return [{ text: part.text, ...signed(part.signature) }];
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }];
    case 'reasoning': {
      const parts: JsonObject[] = [];
      if (part.redacted !== undefined) parts.push(redactedPart(part.redacted));
      if (part.text !== '' || part.signature) parts.push({ text: part.text, thought: true, ...signed(part.signature) });
      return parts;
    }
    case 'tool-call':
      return [callPart(part, losses)];
    case 'media':
      return [mediaPart(part)];
    case 'image':
    case 'audio':
    case 'video':
    case 'document': {
      const media = buildMedia(part, losses, {});
      return media ? [media] : [];
    }
    case 'opaque':
      if (part.wire !== 'gemini') lose(losses, part.what, `only ${part.wire} has it`);
      return part.wire === 'gemini' && isObject(part.value) && !candidateFields.includes(part.what) ? [part.value] : [];
    case 'tool-result':
      lose(losses, 'tool_result', 'an answer of Gemini holds none');
      return [];
  }
}

export const redactedPart = (data: string): JsonObject => ({
  text: '',
  thought: true,
  thoughtSignature: writeRedacted(data),
});

/** A call whole, as Gemini sends it. Arguments that are no JSON object go as `{"invalid_json": …}`, with a loss. */
export function callPart(
  call: { id: string; name: string; arguments: string; signature?: Signature },
  losses: Loss[],
): JsonObject {
  const json = call.arguments.trim() === '' ? {} : tryParseJson(call.arguments);
  if (!isObject(json)) lose(losses, 'tool_calls[].function.arguments', 'the model wrote no JSON object');
  return {
    functionCall: {
      ...(!isMadeCallId(call.id) && { id: call.id }),
      name: call.name,
      args: isObject(json) ? json : { invalid_json: call.arguments },
    },
    ...signed(call.signature),
  };
}

export const mediaPart = (media: { mediaType: string; data: string; transcript?: string }): JsonObject => ({
  inlineData: { mimeType: media.mediaType, data: media.data },
  ...(media.transcript !== undefined && { audioTranscription: { text: media.transcript } }),
});

export const signed = (signature: Signature | undefined): JsonObject =>
  signature ? { thoughtSignature: writeThoughtSignature(signature) } : {};

/** Log probabilities as `logprobsResult`. */
export function logprobsResult(logprobs: TokenLogprob[]): JsonObject {
  const one = ({ token, logprob }: { token: string; logprob: number }) => ({ token, logProbability: logprob });
  return {
    chosenCandidates: logprobs.map(one),
    topCandidates: logprobs.map(({ top }) => ({ candidates: top.map(one) })),
  };
}
