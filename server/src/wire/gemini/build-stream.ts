import type { ChatEvent, TokenLogprob } from '../../core/chat-event.ts';
import type { Citation } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Signature } from '../../core/signature.ts';
import type { Usage } from '../../core/usage.ts';
import { sseEvent } from '../sse.ts';
import type { AnswerContext, StreamBuilder } from '../wire.ts';
import { createTimeOf, noteStopSequence, recitationIn } from './build-answer.ts';
import { callPart, candidateFields, logprobsResult, mediaPart, redactedPart, signed } from './build-answer-part.ts';
import { type CitedText, groundingOf, isNative } from './build-grounding.ts';
import { buildError } from './errors.ts';
import { nativeFinishReason, promptBlocked } from './finish-reasons.ts';
import { lose } from './losses.ts';
import { buildUsage } from './usage.ts';

/** Puts one event's JSON text into the stream, and closes the stream. */
export interface ChunkFraming {
  event(json: string): string;
  close(): string;
}

const sseFraming: ChunkFraming = { event: sseEvent, close: () => '' };

/** The stream as Google sends it with `alt=sse`: `data:` lines alone, no end marker. */
export const createStreamBuilder = (context: AnswerContext): StreamBuilder => createChunkBuilder(context, sseFraming);

interface OpenCall {
  id: string;
  name: string;
  arguments: string;
  signature?: Signature;
  done: boolean;
}

interface Choice {
  index: number;
  calls: Map<number, OpenCall>;
  /** UTF-8 bytes of the text before the last run. */
  baseByte: number;
  text: string;
  cited: CitedText[];
  beside: JsonObject;
  recited: JsonObject[];
  hasParts: boolean;
  finish?: { reason: string; promptBlock?: string };
}

/**
 * Each event as a GenerateContentResponse. A call goes out whole once its arguments ended, calls in the order in which they
 * began; the finish reasons and the final usage share the last chunk, which `finish()` writes.
 */
export function createChunkBuilder(context: AnswerContext, framing: ChunkFraming): StreamBuilder {
  const choices: Choice[] = [];
  const { losses } = context;
  let id: string | undefined;
  let model = context.model;
  let createdSeconds: number | undefined;
  let usage: Usage | undefined;
  let facts: string | undefined;
  let tail: string | undefined;
  let failed = false;

  const choiceAt = (index: number): Choice => {
    for (const choice of choices) if (choice.index === index) return choice;
    const choice = newChoice(index);
    choices.push(choice);
    return choice;
  };

  // The same end of every chunk; written anew only when usage changes.
  const ending = (): string => {
    if (tail === undefined) {
      id ??= context.newId('');
      facts ??= JSON.stringify({
        modelVersion: model,
        ...createTimeOf(createdSeconds),
        responseId: id ?? context.newId(''),
      }).slice(1);
      tail = usage === undefined ? `,${facts}` : `,"usageMetadata":${JSON.stringify(buildUsage(usage))},${facts}`;
    }
    return tail;
  };

  const chunk = (choice: number, partJson: string, more = ''): string =>
    framing.event(
      `{"candidates":[{"content":{"parts":[${partJson}],"role":"model"},"index":${choice}${more}}]${ending()}`,
    );

  const partChunk = (choice: Choice, part: JsonObject): string => {
    choice.hasParts = true;
    return chunk(choice.index, JSON.stringify(part));
  };

  const releaseCalls = (choice: Choice, all: boolean): string => {
    let out = '';
    for (const [index, call] of choice.calls) {
      if (!call.done && !all) break;
      choice.calls.delete(index);
      out += partChunk(choice, callPart(call, losses));
    }
    return out;
  };

  const textDelta = (choice: Choice, text: string, logprobs: TokenLogprob[] | undefined): string => {
    if (text === '' && !logprobs) return '';
    choice.text += text;
    choice.hasParts = true;
    const more = logprobs ? `,"logprobsResult":${JSON.stringify(logprobsResult(logprobs))}` : '';
    return chunk(choice.index, `{"text":${JSON.stringify(text)}}`, more);
  };

  const cite = (choice: Choice, citation: Citation): void => {
    if (isNative(citation)) choice.recited.push(...recitationIn(citation.native?.value));
    else choice.cited.push({ text: choice.text, citations: [citation], baseByte: choice.baseByte });
  };

  const endRun = (choice: Choice): void => {
    choice.baseByte += Buffer.byteLength(choice.text, 'utf8');
    choice.text = '';
  };

  const build = (event: ChatEvent): string => {
    switch (event.type) {
      case 'start':
        id = event.id ?? id;
        model = event.model ?? model;
        createdSeconds = event.createdSeconds;
        facts = undefined;
        tail = undefined;
        return '';
      case 'usage':
        usage = event.usage;
        tail = undefined;
        return '';
      case 'ping':
        return '';
      case 'error':
        failed = true;
        return framing.event(JSON.stringify(buildError(event.error, context.requestId))) + framing.close();
      case 'text-delta':
        return textDelta(choiceAt(event.choice), event.text, event.logprobs);
      case 'refusal-delta':
        return textDelta(choiceAt(event.choice), event.text, undefined);
      case 'reasoning-delta': {
        if (event.text === '') return '';
        const choice = choiceAt(event.choice);
        if (choice.text !== '') endRun(choice);
        choice.hasParts = true;
        return chunk(event.choice, `{"text":${JSON.stringify(event.text)},"thought":true}`);
      }
      case 'reasoning-end': {
        const choice = choiceAt(event.choice);
        let out = '';
        if (event.redacted !== undefined) out += partChunk(choice, redactedPart(event.redacted));
        if (event.signature) out += partChunk(choice, { text: '', thought: true, ...signed(event.signature) });
        return out;
      }
      case 'text-signature':
        return partChunk(choiceAt(event.choice), { text: '', ...signed(event.signature) });
      case 'tool-call-start': {
        const { id: callId, name, signature } = event;
        const choice = choiceAt(event.choice);
        endRun(choice);
        choice.calls.set(event.index, { id: callId, name, signature, arguments: '', done: false });
        return '';
      }
      case 'tool-call-delta': {
        const call = choiceAt(event.choice).calls.get(event.index);
        if (call) call.arguments += event.arguments;
        return '';
      }
      case 'tool-call-end': {
        const choice = choiceAt(event.choice);
        const call = choice.calls.get(event.index);
        if (call) call.done = true;
        return releaseCalls(choice, false);
      }
      case 'media': {
        const choice = choiceAt(event.choice);
        endRun(choice);
        return partChunk(choice, mediaPart(event));
      }
      case 'citation':
        cite(choiceAt(event.choice), event.citation);
        return '';
      case 'opaque': {
        if (event.wire !== 'gemini') {
          lose(losses, event.what, `only ${event.wire} has it`);
          return '';
        }
        const choice = choiceAt(event.choice);
        if (candidateFields.includes(event.what)) {
          choice.beside[event.what] = event.value;
          return '';
        }
        endRun(choice);
        return partChunk(choice, event.value as JsonObject);
      }
      case 'finish': {
        const choice = choiceAt(event.choice);
        if (event.stopSequence !== undefined) noteStopSequence(losses);
        choice.finish = { reason: nativeFinishReason(event.reason, event.native) };
        if (event.native?.startsWith(promptBlocked))
          choice.finish.promptBlock = event.native.slice(promptBlocked.length);
        return releaseCalls(choice, true);
      }
    }
  };

  return {
    build: (event) => (failed ? '' : build(event)),
    finish() {
      if (failed) return '';
      let out = '';
      for (const choice of choices) out += releaseCalls(choice, true);
      const [first] = choices;
      const last =
        first && !first.hasParts && first.finish?.promptBlock !== undefined
          ? { promptFeedback: { blockReason: first.finish.promptBlock } }
          : { candidates: choices.sort((a, b) => a.index - b.index).map(lastCandidate) };
      out += framing.event(`${JSON.stringify(last).slice(0, -1)}${ending()}`);
      failed = true;
      return out + framing.close();
    },
  };
}

const newChoice = (index: number): Choice => ({
  index,
  calls: new Map(),
  baseByte: 0,
  text: '',
  cited: [],
  beside: {},
  recited: [],
  hasParts: false,
});

/** The SDK's chat keeps a turn only when every chunk has a part, so the last one holds an empty text, as Google's does. */
function lastCandidate(choice: Choice): JsonObject {
  const grounding = choice.beside.groundingMetadata === undefined ? groundingOf(choice.cited) : undefined;
  return {
    content: { parts: [{ text: '' }], role: 'model' },
    finishReason: choice.finish?.reason ?? 'OTHER',
    index: choice.index,
    ...(grounding && { groundingMetadata: grounding }),
    ...choice.beside,
    ...(choice.recited.length > 0 && { citationMetadata: { citations: choice.recited } }),
  };
}
