import type { JsonObject } from '../../core/json.ts';
import type { AnswerContext } from '../wire.ts';

interface AnswerFacts {
  id?: string;
  model?: string;
  createdSeconds?: number;
  serviceTier?: string;
  systemFingerprint?: string;
}

/** The fields that open an answer or a chunk. The id stays when it already looks like OpenAI's. */
export function answerHead(
  facts: AnswerFacts,
  context: AnswerContext,
  object: 'chat.completion' | 'chat.completion.chunk',
): JsonObject {
  return {
    id: facts.id?.startsWith('chatcmpl-') ? facts.id : context.newId('chatcmpl-'),
    object,
    created: facts.createdSeconds ?? context.nowSeconds,
    model: facts.model ?? context.model,
    ...(facts.serviceTier !== undefined && { service_tier: facts.serviceTier }),
    ...(facts.systemFingerprint !== undefined && { system_fingerprint: facts.systemFingerprint }),
  };
}
