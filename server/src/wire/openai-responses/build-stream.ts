import type { ChatEvent, FinishReason } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import type { SluiceError } from '../../core/sluice-error.ts';
import { noUsage, type Usage } from '../../core/usage.ts';
import { buildOpenAiError } from '../openai-error.ts';
import { sseComment, sseEvent } from '../sse.ts';
import type { AnswerContext, StreamBuilder } from '../wire.ts';
import { buildForeignItem, loseSound } from './build-answer.ts';
import { createEventWriter, endMark } from './event-writer.ts';
import { buildEnding } from './finish-reasons.ts';
import { malformedCall, type ResponseFacts, responseError, responseId, responseObject } from './response-object.ts';
import { createStreamOutput } from './stream-output.ts';

export const keepAlive = sseComment('keep-alive');

/**
 * Writes the events of a Response in OpenAI's order, numbered by `sequence_number`, with `event:` lines. An error ends the
 * stream as OpenAI ends it: an `error` event and then `response.failed`. Readers know one or the other; the official SDK
 * throws only when the event also nests its `error`, which OpenAI does, and the documented flat fields stand beside it.
 * The literal `[DONE]` comes last, as Open Responses (https://www.openresponses.org/specification) demands: OpenAI sends
 * none, and every SDK of this API skips it.
 */
export function createStreamBuilder(context: AnswerContext): StreamBuilder {
  const writer = createEventWriter();
  const output = createStreamOutput(writer, context);
  let facts: Pick<ResponseFacts, 'id' | 'createdSeconds' | 'model' | 'serviceTier'> | undefined;
  let usage: Usage | undefined;
  let reason: FinishReason | undefined;
  let refused = false;
  let ended = false;

  function start(event?: Extract<ChatEvent, { type: 'start' }>): NonNullable<typeof facts> {
    if (facts) {
      // A provider may tell the service tier it used only later.
      if (event?.serviceTier !== undefined) facts.serviceTier = event.serviceTier;
      return facts;
    }
    facts = {
      id: responseId(event?.id, context),
      createdSeconds: event?.createdSeconds ?? context.nowSeconds,
      model: event?.model ?? context.model,
      serviceTier: event?.serviceTier,
    };
    const response = responseObject({ ...facts, ending: { status: 'in_progress' }, output: [] }, context);
    writer.write('response.created', { response });
    writer.write('response.in_progress', { response });
    return facts;
  }

  function fail(error: SluiceError): void {
    const started = start();
    output.close(true);
    const body = buildOpenAiError(error, context.requestId);
    writer.write('error', { ...flatError(error), ...body });
    end({ ...started, ending: { status: 'failed' }, output: output.items, error: responseError(error) });
  }

  function end(response: ResponseFacts): void {
    ended = true;
    if (usage) response.usage = usage;
    writer.write(`response.${response.ending.status}`, { response: responseObject(response, context) });
    writer.done();
  }

  function add(event: ChatEvent): void {
    switch (event.type) {
      case 'text-delta':
        output.text(event);
        break;
      case 'tool-call-delta':
        output.callArguments(event.index, event.arguments);
        break;
      case 'reasoning-delta':
        output.reasoning(event.text);
        break;
      case 'refusal-delta':
        refused = true;
        output.refusal(event.text);
        break;
      case 'reasoning-end':
        output.reasoningEnd(event);
        break;
      case 'tool-call-start':
        output.callStart(event);
        break;
      case 'tool-call-end':
        output.callEnd(event.index);
        break;
      case 'citation':
        output.citation(event.citation);
        break;
      case 'text-signature':
        output.textSignature(event.signature);
        break;
      case 'media':
      case 'opaque': {
        if (event.type === 'media' && event.transcript) {
          loseSound(event.mediaType, context);
          output.text({ type: 'text-delta', choice: 0, text: event.transcript });
          break;
        }
        const item = buildForeignItem(event, context);
        if (item) output.whole(item);
        else output.gap();
        break;
      }
      case 'finish':
        reason = event.reason;
        break;
    }
  }

  return {
    build(event) {
      if (ended) return '';
      switch (event.type) {
        case 'start':
          start(event);
          break;
        case 'usage':
          usage = event.usage;
          break;
        case 'ping':
          return keepAlive;
        case 'error':
          fail(event.error);
          break;
        default:
          if (!facts) start();
          if (event.choice === 0) add(event);
          else if (event.type === 'finish') context.losses.push({ field: 'n', reason: 'a Response holds one choice' });
      }
      return writer.take();
    },
    finish() {
      if (ended) return '';
      const started = start();
      usage ??= noUsage;
      const ending = buildEnding(reason, refused);
      output.close(ending.status === 'incomplete');
      const error = ending.status === 'failed' ? { error: malformedCall } : {};
      end({ ...started, ending, output: output.items, ...error });
      return writer.take();
    },
  };
}

/** The terminal error of a stream whose events passed by unread: its place in the sequence is not known. */
export function buildStreamError(error: SluiceError, requestId: string): string {
  const event = { type: 'error', sequence_number: 0, ...flatError(error), ...buildOpenAiError(error, requestId) };
  return sseEvent(JSON.stringify(event), 'error') + endMark;
}

const flatError = (error: SluiceError): JsonObject => ({
  code: error.code,
  message: error.message,
  param: error.facts.param ?? null,
});
