import type { SluiceError } from '../../core/sluice-error.ts';
import type { AnswerContext, StreamBuilder } from '../wire.ts';
import { type ChunkFraming, createChunkBuilder } from './build-stream.ts';
import { buildError } from './errors.ts';

/**
 * A stream without `alt=sse`: one JSON array whose elements arrive one after the other. `event` takes the JSON text of an
 * element, so that a provider's own chunks can be framed anew byte for byte.
 */
export function createJsonArrayFraming(): ChunkFraming {
  let begun = false;
  return {
    event(json) {
      const out = begun ? `,\r\n${json}` : `[${json}`;
      begun = true;
      return out;
    },
    close: () => (begun ? '\r\n]' : '[]'),
  };
}

/** The stream builder for callers that did not ask for `alt=sse`. */
export const createJsonArrayBuilder = (context: AnswerContext): StreamBuilder =>
  createChunkBuilder(context, createJsonArrayFraming());

/** What the edge needs to answer streamGenerateContent without `alt=sse`. */
export const geminiJsonArrayFraming = {
  contentType: 'application/json; charset=UTF-8',
  createStreamBuilder: createJsonArrayBuilder,
  createFraming: createJsonArrayFraming,
  /** The terminal error as the last element, with the array closed; `framing` is the one that the stream was written with. */
  buildStreamError: (error: SluiceError, requestId: string, framing: ChunkFraming = createJsonArrayFraming()): string =>
    framing.event(JSON.stringify(buildError(error, requestId))) + framing.close(),
  /** White space may stand between elements, and before the first one. */
  keepAlive: '\n',
};
