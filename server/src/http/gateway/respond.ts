import type { ChatCall } from '../../core/call.ts';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import { isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import { SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import { parseSseEvents } from '../../wire/sse.ts';
import type { AnswerContext, InboundWire, StreamBuilder } from '../../wire/wire.ts';
import { answerHeaders } from './answer-headers.ts';
import type { GatewayDeps } from './deps.ts';
import { onlyFrame } from './only-frame.ts';
import type { OpenCall } from './open-call.ts';

const encoder = new TextEncoder();
const utf8 = new TextDecoder();

/** What the edge needs to turn frames into the caller's dialect. */
export interface Answering {
  call: ChatCall;
  open: OpenCall;
  wire: InboundWire;
  frames: Frames;
  deps: GatewayDeps;
  /** Told once, when the answer has left or failed. */
  ended(status: number, error?: SluiceError): void;
  /** The request as the answer echoes it. */
  echoed: ChatRequest;
  /** Another framing than the dialect's usual one (Gemini's JSON array). */
  streamForm?: StreamForm;
  /** Looks at a whole JSON answer before it leaves (the Responses API keeps it). */
  keep?: (answer: JsonObject) => Promise<void>;
}

/** A second way to frame a dialect's stream. */
export interface StreamForm {
  contentType: string;
  createStreamBuilder(context: AnswerContext): StreamBuilder;
  /** Frames the provider's own events anew, byte for byte. */
  createFraming(): { event(json: string): string; close(): string };
  buildStreamError(
    error: SluiceError,
    requestId: string,
    framing?: { event(json: string): string; close(): string },
  ): string;
  keepAlive: string;
}

function answerContext({ call, echoed, open, deps }: Answering): AnswerContext {
  return {
    requestId: open.context.requestId,
    request: echoed,
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
  const answer =
    sameWire && !keep
      ? undefined
      : sameWire
        ? parseObject(frame)
        : wire.buildAnswer(collectAnswer(frame.events()), answerContext(answering));
  if (answer) await keep?.(answer);
  const body = sameWire ? (frame.bytes as Uint8Array<ArrayBuffer>) : JSON.stringify(answer);
  open.close();
  ended(200);
  const headers = answerHeaders(open.context);
  headers['content-type'] = 'application/json';
  return new Response(body, { headers });
}

const parseObject = (frame: Frame): JsonObject => JSON.parse(utf8.decode(frame.bytes)) as JsonObject;

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
      'content-type': answering.streamForm?.contentType ?? 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    },
  });
}

/** A stream that is to be kept ends with an event that holds the whole answer (Responses: response.completed). */
async function keepCompleted(bytes: Uint8Array, keep: (answer: JsonObject) => Promise<void>): Promise<void> {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('"response.completed"')) return;
  for (const { data } of parseSseEvents(utf8.decode(bytes))) {
    const event = tryParseJson(data);
    if (isObject(event) && event.type === 'response.completed' && isObject(event.response)) await keep(event.response);
  }
}

/** How one stream is written: the caller's own wire as it came, another through a builder. */
function createWriter(answering: Answering) {
  const { wire, streamForm, open } = answering;
  const framing = streamForm?.createFraming();
  let builder: StreamBuilder | undefined;

  function reframe(frame: Frame): Uint8Array {
    let text = '';
    for (const { data } of parseSseEvents(utf8.decode(frame.bytes))) text += framing!.event(data);
    return encoder.encode(text);
  }

  return {
    /** Whole events, or nothing. */
    write(frame: Frame): Uint8Array {
      if (frame.wire === wire.name) return framing ? reframe(frame) : frame.bytes;
      builder ??= (streamForm ?? wire).createStreamBuilder(answerContext(answering));
      let text = '';
      for (const event of frame.events()) text += builder.build(event);
      return encoder.encode(text);
    },
    finish: (): Uint8Array => encoder.encode(builder?.finish() ?? framing?.close() ?? ''),
    fail(error: SluiceError): Uint8Array {
      const { requestId } = open.context;
      // A builder knows what it has written (open blocks, sequence numbers); the wire alone does not.
      const text =
        builder?.build({ type: 'error', error }) || (streamForm ?? wire).buildStreamError(error, requestId, framing);
      return encoder.encode(text);
    },
    keepAlive: encoder.encode((streamForm ?? wire).keepAlive),
  };
}

function streamBody(answering: Answering, first: Promise<IteratorResult<Frame, void>>): ReadableStream<Uint8Array> {
  const { open, frames, deps, ended, keep } = answering;
  const { keepAliveMs, stalledReaderMs } = deps.limits();
  const writer = createWriter(answering);
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let pending: Promise<IteratorResult<Frame, void>> | undefined = first;
  let waiting = true;
  let over = false;
  // While we wait for the provider: comments. While we wait for the reader: patience, then the end.
  let watch = deps.watchdog.watch(keepAliveMs, tick);

  function tick(): void {
    if (over) return;
    if (waiting) {
      controller?.enqueue(writer.keepAlive);
      watch = deps.watchdog.watch(keepAliveMs, tick);
      return;
    }
    open.abandon(
      new SluiceError('client_closed', `The caller read nothing for ${Math.round(stalledReaderMs / 1000)} s.`),
    );
    finish(499);
    controller?.error(new Error('The reader stalled.'));
    // Nobody pulls any more: the generator ends here, and with it the ledger's row is written.
    void frames.return().catch(() => {});
  }

  function finish(status: number, error?: SluiceError): void {
    if (over) return;
    over = true;
    watch.stop();
    open.close();
    ended(status, error);
  }

  return new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
    async pull(given) {
      waiting = true;
      watch.extend(keepAliveMs);
      try {
        let next: IteratorResult<Frame, void>;
        let bytes: Uint8Array;
        // A frame may be empty (a usage chunk that the caller did not ask for): then the one after it is the next write.
        do {
          next = await (pending ?? frames.next());
          pending = undefined;
          if (over) return;
          bytes = next.done ? writer.finish() : writer.write(next.value);
        } while (!next.done && bytes.length === 0);
        if (keep) await keepCompleted(bytes, keep);
        waiting = false;
        watch.extend(stalledReaderMs);
        if (bytes.length > 0) given.enqueue(bytes);
        if (!next.done) return;
        finish(200, open.context.facts.error);
        given.close();
      } catch (thrown) {
        if (over) return;
        const error = toSluiceError(thrown);
        finish(error.status, error);
        if (error.code !== 'client_closed') given.enqueue(writer.fail(error));
        given.close();
      }
    },
    async cancel() {
      open.abandon(new SluiceError('client_closed', 'The caller hung up.'));
      finish(499);
      // A generator that waits for the provider ends by the abort; one that waits for us ends here.
      await frames.return().catch(() => {});
    },
  });
}
