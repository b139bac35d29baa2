import { randomUUID } from 'node:crypto';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import { asObject, type JsonObject } from '../../core/json.ts';
import { describeLosses, type Loss } from '../../core/loss.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { openaiChatInbound } from '../../wire/openai-chat/index.ts';
import type { AnswerContext } from '../../wire/wire.ts';
import { buildCall } from './build-call.ts';
import { type AnswerEvents, createAnswerEvents, readGenerated, readWarnings } from './read-answer.ts';
import type { SdkCallOptions, SdkModel } from './sdk-types.ts';

export interface BridgeCall {
  model: SdkModel;
  request: ChatRequest;
  upstream: string;
  providerOptions?: JsonObject;
  signal: AbortSignal;
  asError(thrown: unknown): SluiceError;
}

/** One call over the bridge, answered in OpenAI chat: JSON, or server-sent events when the request streams. */
export async function bridge(call: BridgeCall): Promise<Response> {
  const { model, request, providerOptions, signal, asError } = call;
  const version = model.specificationVersion === 'v2' ? 'v2' : 'v3';
  const { options, losses } = buildCall(request, version, providerOptions);
  options.abortSignal = signal;
  const context: AnswerContext = {
    requestId: randomUUID(),
    request,
    model: call.upstream,
    nowSeconds: Math.floor(Date.now() / 1000),
    newId: (prefix) => prefix + randomUUID().replaceAll('-', ''),
    losses,
  };
  try {
    return request.stream ? await streamed(call, options, context) : await whole(call, options, context);
  } catch (thrown) {
    throw asError(thrown);
  }
}

async function whole(
  { model, asError }: BridgeCall,
  options: SdkCallOptions,
  context: AnswerContext,
): Promise<Response> {
  const result = await model.doGenerate(options);
  const answer = collectAnswer(readGenerated(result, asError));
  const body = openaiChatInbound.buildAnswer(answer, context);
  const warnings = readWarnings(asObject(result)?.warnings);
  return new Response(JSON.stringify(body), { headers: headers('application/json', context.losses, warnings) });
}

async function streamed(
  { model, asError, signal }: BridgeCall,
  options: SdkCallOptions,
  context: AnswerContext,
): Promise<Response> {
  const { stream } = asObject(await model.doStream(options)) ?? {};
  if (!(stream instanceof ReadableStream)) {
    throw new SluiceError('upstream_invalid_answer', 'The AI SDK package gave no stream.');
  }
  const reader: ReadableStreamDefaultReader<unknown> = stream.getReader();
  // The first part tells of warnings, or that the call failed: both belong into the head of the answer.
  const first = await reader.read();
  const opening = asObject(first.value);
  if (opening?.type === 'error') throw opening.error;
  const warnings = opening?.type === 'stream-start' ? readWarnings(opening.warnings) : [];
  const events = createAnswerEvents(asError);
  const body = encode(reader, first.value, events, context, signal);
  return new Response(body, { headers: headers('text/event-stream', context.losses, warnings) });
}

function encode(
  reader: ReadableStreamDefaultReader<unknown>,
  first: unknown,
  events: AnswerEvents,
  context: AnswerContext,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const builder = openaiChatInbound.createStreamBuilder(context);
  const utf8 = new TextEncoder();
  const write = (part: unknown) =>
    events
      .part(part)
      .map((event) => builder.build(event))
      .join('');
  let held = write(first);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let text = held;
        held = '';
        while (text === '') {
          const { done, value } = await reader.read();
          if (done) {
            text =
              events
                .end()
                .map((event) => builder.build(event))
                .join('') + builder.finish();
            if (text !== '') controller.enqueue(utf8.encode(text));
            controller.close();
            return;
          }
          text = write(value);
        }
        if (signal.aborted) throw signal.reason;
        controller.enqueue(utf8.encode(text));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Every answer says that it came over the bridge, and what got lost there. */
function headers(contentType: string, losses: readonly Loss[], warnings: readonly string[]): Record<string, string> {
  const told = warnings.map((field) => ({ field, reason: 'the package does not carry it' }));
  const lost = describeLosses([...losses, ...told]);
  return {
    'content-type': contentType,
    'x-sluice-fidelity': 'reduced',
    ...(lost !== '' && { 'x-sluice-loss': lost.replace(/[^\x20-\x7e]+/g, ' ') }),
  };
}
