import type { SluiceError } from '../../core/sluice-error.ts';
import { buildOpenAiError } from '../openai-error.ts';
import { sseComment, sseEvent } from '../sse.ts';

/** An error in a stream that has begun: one `data: {"error": …}`, after which no `[DONE]` follows. */
export const buildStreamError = (error: SluiceError, requestId: string): string =>
  sseEvent(JSON.stringify(buildOpenAiError(error, requestId)));

export const keepAlive = sseComment('keep-alive');
