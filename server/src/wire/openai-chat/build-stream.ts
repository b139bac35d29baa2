import type { ChatEvent } from '../../core/chat-event.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import { sseEvent } from '../sse.ts';
import type { AnswerContext, StreamBuilder } from '../wire.ts';
import { answerHead } from './answer-head.ts';
import { loseBlurredReason } from './answer-parts.ts';
import { createChoiceWriter } from './choice-writer.ts';
import { writeFinishReason } from './finish-reasons.ts';
import { buildStreamError, keepAlive } from './stream-error.ts';
import { writeUsage } from './usage.ts';

/**
 * Writes `chat.completion.chunk` events as OpenAI does: a first chunk with the role, deltas, a chunk with the finish reason,
 * the figures in a chunk without choices when the caller asked for them, `[DONE]`.
 */
export function createStreamBuilder(context: AnswerContext): StreamBuilder {
  const { includeUsage } = context.request;
  const writers = new Map<number, ReturnType<typeof createChoiceWriter>>();
  let facts: ChatEvent & { type: 'start' } = { type: 'start' };
  let head: JsonObject | undefined;
  let opening = '';
  // OpenAI writes `usage: null` on every chunk but the last when usage was asked for.
  const closing = includeUsage ? '],"usage":null}' : ']}';
  let usage: Usage | undefined;
  let over = false;

  /** Everything of a chunk before its choice, written once. */
  function begin(): JsonObject {
    if (!head) {
      head = answerHead(facts, context, 'chat.completion.chunk');
      opening = `data: ${JSON.stringify(head).slice(0, -1)},"choices":[`;
    }
    return head;
  }

  /** One chunk; `delta` and `logprobs` are JSON text. */
  function chunk(choice: number, delta: string, logprobs = 'null', ending = '"finish_reason":null'): string {
    return `${opening}{"index":${choice},"delta":${delta},"logprobs":${logprobs},${ending}}${closing}\n\n`;
  }

  function writerOf(choice: number): { writer: ReturnType<typeof createChoiceWriter>; first: string } {
    const known = writers.get(choice);
    if (known) return { writer: known, first: '' };
    begin();
    const writer = createChoiceWriter(choice, chunk, context);
    writers.set(choice, writer);
    return { writer, first: chunk(choice, '{"role":"assistant","content":"","refusal":null}') };
  }

  function finishChoice(event: ChatEvent & { type: 'finish' }): string {
    const { writer, first } = writerOf(event.choice);
    loseBlurredReason(event.reason, context);
    const native =
      writer.legacyCall && event.reason === 'tool-calls'
        ? 'function_call'
        : writeFinishReason(event.reason, writer.refused);
    const stopped = event.stopSequence === undefined ? '' : `,"stop_reason":${JSON.stringify(event.stopSequence)}`;
    return first + writer.close() + chunk(event.choice, '{}', 'null', `"finish_reason":"${native}"${stopped}`);
  }

  return {
    build(event) {
      if (over) return '';
      switch (event.type) {
        case 'text-delta': {
          const writer = writers.get(event.choice);
          if (event.logprobs || !writer) break;
          if (event.text === '') return '';
          writer.note(event.text);
          return chunk(event.choice, `{"content":${JSON.stringify(event.text)}}`);
        }
        case 'start':
          if (head) return '';
          facts = event;
          return writerOf(0).first;
        case 'usage':
          usage = event.usage;
          return '';
        case 'ping':
          return keepAlive;
        case 'error':
          over = true;
          return buildStreamError(event.error, context.requestId);
        case 'finish':
          return finishChoice(event);
      }
      const { writer, first } = writerOf(event.choice);
      return first + writer.write(event);
    },
    finish() {
      if (over) return '';
      over = true;
      const figures =
        includeUsage && usage ? sseEvent(JSON.stringify({ ...begin(), choices: [], usage: writeUsage(usage) })) : '';
      return `${figures}${sseEvent('[DONE]')}`;
    },
  };
}
