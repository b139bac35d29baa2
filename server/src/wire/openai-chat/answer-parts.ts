import type { AnswerPart, MediaOutPart } from '../../core/chat-answer.ts';
import type { FinishReason } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import { carrySignature, type Signature } from '../../core/signature.ts';
import type { AnswerContext } from '../wire.ts';
import { blurredReasons } from './finish-reasons.ts';
import { dataUrl } from './media.ts';

/** Native things of an answer that this dialect puts back where they came from. */
const restored: ReadonlySet<string> = new Set([
  'custom_tool_call',
  'reasoning_details',
  'annotations',
  'images',
  'logprobs.refusal',
]);

/** `message.audio`. No wire says how long a provider keeps the sound, so it is not promised for any longer than now. */
export const audioField = ({ id, data, transcript }: MediaOutPart, context: AnswerContext): JsonObject => ({
  id: id ?? context.newId('audio_'),
  data,
  expires_at: context.nowSeconds,
  transcript: transcript ?? '',
});

/** An image of an answer in OpenRouter's form. */
export const imageField = ({ mediaType, data }: { mediaType: string; data: string }): JsonObject => ({
  type: 'image_url',
  image_url: { url: dataUrl(mediaType, data) },
});

/** A call's signature in Google's place for it: Gemini's own as it is, another's with the note whose it is. */
export function callSignatureField(signature: Signature | undefined): JsonObject {
  if (!signature) return {};
  const value = signature.origin === 'gemini' ? signature.value : carrySignature(signature, 'gemini');
  return { extra_content: { google: { thought_signature: value } } };
}

export const isRestored = (wire: string, what: string): boolean => wire === 'openai-chat' && restored.has(what);

/** Records the parts of a whole answer that a message has no field for. */
export function loseUncarried(parts: readonly AnswerPart[], context: AnswerContext): void {
  let sounds = 0;
  for (const part of parts) {
    switch (part.type) {
      case 'opaque':
        if (!isRestored(part.wire, part.what)) loseOpaque(part.what, context);
        break;
      case 'media':
        if (part.mediaType.startsWith('audio/')) sounds++;
        if (sounds > 1 || !/^(audio|image)\//.test(part.mediaType)) loseMedia(part.mediaType, context);
        break;
      case 'text':
      case 'refusal':
      case 'reasoning':
      case 'tool-call':
        break;
      default:
        context.losses.push({ field: part.type, reason: 'a chat completion has no place for it' });
    }
  }
}

export const loseOpaque = (what: string, context: AnswerContext): void => {
  context.losses.push({ field: what, reason: 'a chat completion has no place for it' });
};

export const loseMedia = (mediaType: string, context: AnswerContext): void => {
  context.losses.push({ field: mediaType, reason: 'a chat completion has no place for it' });
};

/** OpenAI has five finish reasons; what they cannot say is recorded. */
export function loseBlurredReason(reason: FinishReason, context: AnswerContext): void {
  if (blurredReasons.has(reason))
    context.losses.push({ field: 'finish_reason', reason: `${reason} has no word in Chat Completions` });
}
