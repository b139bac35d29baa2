import { sseEvent } from '../../wire/sse.ts';

export interface StreamPace {
  /** Milliseconds before each event after the first; 0 needs no timer. */
  chunkDelayMs: number;
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/**
 * Server-sent events, one write each, made only as the reader asks for them: a slow reader holds nothing in memory, and one
 * who goes away, or an aborted signal, ends the work.
 */
export function streamBody(
  chunks: Generator<string>,
  pace: StreamPace,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const cancelled = new AbortController();
  const ended = AbortSignal.any([signal, cancelled.signal]);
  let first = true;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (pace.chunkDelayMs > 0 && !first) await pace.sleep(pace.chunkDelayMs, ended).catch(() => undefined);
        first = false;
        if (cancelled.signal.aborted) return;
        if (signal.aborted) {
          chunks.return(undefined);
          controller.error(signal.reason);
          return;
        }
        const next = chunks.next();
        if (next.done) controller.close();
        else controller.enqueue(encoder.encode(sseEvent(next.value)));
      },
      cancel() {
        cancelled.abort();
        chunks.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
