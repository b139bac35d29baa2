import { asNumber, asObject, asString, isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { StreamParser } from '../wire.ts';
import { type AnswerReader, createAnswerReader } from './answer-reader.ts';
import { parseResponseError } from './response-error.ts';

/** Reads OpenAI's Responses events (https://platform.openai.com/docs/api-reference/responses-streaming). Unknown ones pass by. */
export function createStreamParser(): StreamParser {
  const reader = createAnswerReader();
  return {
    parse({ data }) {
      const event = tryParseJson(data);
      if (isObject(event)) readEvent(reader, event);
      else if (event === undefined && data !== '[DONE]' && !reader.ended) {
        reader.error(new SluiceError('upstream_invalid_answer', 'The provider sent an event that is not valid JSON.'));
      }
      return reader.take();
    },
    finish() {
      if (!reader.ended) {
        reader.error(new SluiceError('upstream_invalid_answer', "The provider's answer was cut off before its end."));
      }
      return reader.take();
    },
  };
}

function readEvent(reader: AnswerReader, event: JsonObject): void {
  const index = asNumber(event.output_index) ?? 0;
  const contentIndex = asNumber(event.content_index) ?? 0;
  switch (event.type) {
    case 'response.output_text.delta':
      reader.text(index, contentIndex, asString(event.delta) ?? '', event.logprobs);
      break;
    case 'response.function_call_arguments.delta':
      reader.arguments(index, asString(event.delta) ?? '');
      break;
    case 'response.reasoning_summary_text.delta':
      reader.summary(index, asNumber(event.summary_index) ?? 0, asString(event.delta) ?? '');
      break;
    case 'response.reasoning_text.delta':
      reader.thinking(index, contentIndex, asString(event.delta) ?? '');
      break;
    case 'response.refusal.delta':
      reader.refusal(index, contentIndex, asString(event.delta) ?? '');
      break;
    case 'response.output_text.annotation.added':
      reader.annotation(index, contentIndex, event.annotation);
      break;
    case 'response.output_item.added':
      reader.itemAdded(index, asObject(event.item) ?? {});
      break;
    case 'response.output_item.done':
      reader.itemDone(index, asObject(event.item) ?? {});
      break;
    case 'response.created':
      reader.start(asObject(event.response) ?? {});
      break;
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
    case 'response.cancelled':
      reader.end({ status: String(event.type).slice('response.'.length), ...asObject(event.response) });
      break;
    case 'error':
      reader.error(parseResponseError(event));
      break;
  }
}
