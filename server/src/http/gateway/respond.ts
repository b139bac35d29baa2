import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatCall } from '../../core/call.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import { isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import { SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import { parseSseEvents } from '../../wire/sse.ts';
import type { AnswerContext, InboundWire, StreamBuilder } from '../../wire/wire.ts';
import { answerHeaders } from './answer-headers.ts';
import type { GatewayDeps } from './deps.ts';
import { onlyFrame } from './only-frame.ts';
import type { OpenCall } from './open-call.ts';

/** What the edge needs to turn frames into the caller's dialect. */
export interface Answering {
  call: ChatCall;
  open: OpenCall;
  wire: InboundWire;
  frames: Frames;
  deps: GatewayDeps;
  /** Told once, when the answer has left or failed. */
  ended(status: number, error?: SluiceError): void;
  /** How the dialect frames a stream; Gemini has two forms. */
  streamBuilder?: (context: AnswerContext) => StreamBuilder;
  streamContentType?: string;
  /** Looks at a whole JSON answer before it leaves (the Responses API keeps it). */
  keep?: (answer: JsonObject) => Promise<void>;
}

export function answerContext({ call, open, deps }: Answering): AnswerContext {
  return {
    requestId: open.context.requestId,
    request: call.request,
    model: open.context.facts.model ?? call.model,
    nowSeconds: Math.floor(open.context.receivedAt / 1000),
    newId: deps.newId,
    losses: open.context.facts.losses,
  };
}

/** A whole JSON answer. The row of the ledger is written before the answer leaves, so that its headers know the cost. */
export async function respondWhole(answering: Answering): Promise<Response> {
  const { open, wire, frames, ended, keep } = answering;
  const frame = await onlyFrame(frames);
  const sameWire = frame.wire === wire.name;
  const answer = sameWire && !keep ? undefined : sameWire ? parseObject(frame) : wire.buildAnswer(collectAnswer(frame.events()), answerContext(answering));
  if (answer) await keep?.(answer);
  const body = sameWire ? (frame.bytes as Uint8Array<ArrayBuffer>) : JSON.stringify(answer);
  open.close();
  ended(200);
  return new Response(body, { headers: { ...answerHeaders(open.context), 'content-type': 'application/json' } });
}

const parseObject = (frame: Frame): JsonObject => JSON.parse(new TextDecoder().decode(frame.bytes)) as JsonObject;

const encoder = new TextEncoder();

/**
 * A streamed answer. Headers wait for the first frame, so that another target may still answer with a clean status; when
 * that takes longer than the keep-alive interval they leave without it, followed by comments, and a fault then becomes the
 * dialect's terminal error event. Every write holds whole events.
 */
export async function respondStreamed(answering: Answering): Promise<Response> {
  const { open, deps } = answering;
  const { keepAliveMs } = deps.limits();
  let first: Promise<IteratorResult<Frame, void>> | undefined = answering.frames.next();
  const early = Promise.withResolvers<'early'>();
  const patience = deps.watchdog.watch(keepAliveMs, () => early.resolve('early'));
  try {
    const winner = await Promise.race([first, early.promise]);
    if (winner !== 'early') first = Promise.resolve(winner);
  } finally {
    patience.stop();
  }
  const body = streamBody(answering, first);
  return new Response(body, {
    headers: {
      ...answerHeaders(open.context),
      'content-type': answering.streamContentType ?? 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    },
  });
}

/** A stream that is to be kept ends with an event that holds the whole answer (Responses: response.completed). */
async function keepCompleted(bytes: Uint8Array, { keep }: Answering): Promise<void> {
  if (!keep || !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"response.completed"')) return;
  for (const { data } of parseSseEvents(new TextDecoder().decode(bytes))) {
    const event = tryParseJson(data);
    if (isObject(event) && event.type === 'response.completed' && isObject(event.response)) await keep(event.response);
  }
}

function streamBody(answering: Answering, first: Promise<IteratorResult<Frame, void>>): ReadableStream<Uint8Array> {
  const { open, wire, frames, deps, ended } = answering;
  const { keepAliveMs, stalledReaderMs } = deps.limits();
  const { requestId } = open.context;
  let pending: Promise<IteratorResult<Frame, void>> | undefined = first;
  let builder: StreamBuilder | undefined;
  let waiting = false;
  let over = false;
  // While we wait for the provider: comments. While we wait for the reader: patience, then the end.
  const reader = { controller: undefined as ReadableStreamDefaultController<Uint8Array> | undefined };
  let watch = deps.watchdog.watch(keepAliveMs, tick);

  function tick(): void {
    if (over) return;
    if (waiting) {
      reader.controller?.enqueue(encoder.encode(wire.keepAlive));
      watch = deps.watchdog.watch(keepAliveMs, tick);
      return;
    }
    open.abandon(new SluiceError('client_closed', `The caller read nothing for ${Math.round(stalledReaderMs / 1000)} s.`));
    finish(499);
    reader.controller?.error(new Error('stalled'));
  }

  function finish(status: number, error?: SluiceError): void {
    if (over) return;
    over = true;
    watch.stop();
    open.close();
    ended(status, error);
  }

  /** The caller's own wire passes byte for byte, unless its stream is framed another way. */
  function bytesOf(frame: Frame): Uint8Array {
    if (frame.wire === wire.name && !answering.streamBuilder) return frame.bytes;
    builder ??= (answering.streamBuilder ?? wire.createStreamBuilder)(answerContext(answering));
    let text = '';
    for (const event of frame.events()) text += builder.build(event);
    return encoder.encode(text);
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      reader.controller = controller;
      waiting = true;
      watch.extend(keepAliveMs);
      try {
        while (true) {
          const next = await (pending ?? frames.next());
          pending = undefined;
          if (over) return;
          if (next.done) {
            const last = builder?.finish() ?? '';
            if (last !== '') {
              const bytes = encoder.encode(last);
              await keepCompleted(bytes, answering);
              controller.enqueue(bytes);
            }
            finish(200, open.context.facts.error);
            controller.close();
            return;
          }
          const bytes = bytesOf(next.value);
          if (bytes.length === 0) continue;
          await keepCompleted(bytes, answering);
          waiting = false;
          watch.extend(stalledReaderMs);
          controller.enqueue(bytes);
          return;
        }
      } catch (thrown) {
        if (over) return;
        const error = toSluiceError(thrown);
        finish(error.status, error);
        if (error.code !== 'client_closed') controller.enqueue(encoder.encode(wire.buildStreamError(error, requestId)));
        controller.close();
      }
    },
    cancel() {
      open.abandon(new SluiceError('client_closed', 'The caller hung up.'));
      finish(499);
      // A generator that waits for the provider ends by the abort; one that waits for us ends here.
      return frames.return().then(
        () => undefined,
        () => undefined,
      );
    },
  });
}
