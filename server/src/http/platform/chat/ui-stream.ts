import type { Watchdog } from '../../../core/watchdog.ts';

const encoder = new TextEncoder();
const keepAliveMs = 15_000;

/**
 * Lines of a generation as the AI SDK's UI message stream (version 1): a server-sent event for each, `[DONE]` at the end. A reader who
 * goes away only stops reading.
 */
export function uiStream(
  lines: AsyncGenerator<string, void, undefined>,
  left: AbortController,
  watchdog: Watchdog,
  headers: Record<string, string> = {},
): Response {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const quiet = watchdog.watch(keepAliveMs, () => controller.enqueue(encoder.encode(': keep-alive\n\n')));
      try {
        const { value, done } = await lines.next();
        if (left.signal.aborted) return;
        controller.enqueue(encoder.encode(done ? 'data: [DONE]\n\n' : `data: ${value}\n\n`));
        if (done) controller.close();
      } catch (error) {
        controller.error(error);
      } finally {
        quiet.stop();
      }
    },
    cancel() {
      left.abort();
      return lines.return().then(() => {});
    },
  });
  return new Response(body, {
    headers: {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
      'x-vercel-ai-ui-message-stream': 'v1',
    },
  });
}
