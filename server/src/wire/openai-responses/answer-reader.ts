import type { ChatEvent, TokenLogprob } from '../../core/chat-event.ts';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { parseAnnotation } from './annotations.ts';
import { readReasoning } from './carried-reasoning.ts';
import { parseFinish } from './finish-reasons.ts';
import { isProgramCall, reasoningBreak } from './items.ts';
import { parseResponseError } from './response-error.ts';
import { parseLogprobs } from './token-logprobs.ts';
import { parseUsage } from './usage.ts';

/**
 * Turns a Response into chat events, whole or piece by piece: `itemDone` tells whatever of an item was not told before, so
 * that an item that never streamed comes out the same. Items are named by their `output_index`.
 */
export interface AnswerReader {
  start(response: JsonObject): void;
  itemAdded(index: number, item: JsonObject): void;
  text(index: number, contentIndex: number, delta: string, logprobs?: unknown): void;
  refusal(index: number, contentIndex: number, delta: string): void;
  annotation(index: number, contentIndex: number, annotation: unknown): void;
  summary(index: number, summaryIndex: number, delta: string): void;
  thinking(index: number, contentIndex: number, delta: string): void;
  arguments(index: number, delta: string): void;
  itemDone(index: number, item: JsonObject): void;
  /** The finished Response: what never came as an item, the usage, and how it ended. */
  end(response: JsonObject): void;
  error(error: SluiceError): void;
  readonly ended: boolean;
  /** The events since the last call. */
  take(): ChatEvent[];
}

interface ContentPart {
  text: string;
  /** How long the neutral text was when this part began: citations count from there. */
  base: number;
  annotations: number;
}

interface Item {
  kind: 'message' | 'reasoning' | 'call' | 'native';
  parts: ContentPart[];
  /** Reasoning: which summary or content part came last; -1 before the first. */
  section: number;
  /** Reasoning: only the thinking itself is told where a provider sends it beside a summary. */
  thinking: boolean;
  callIndex: number;
  hasArguments: boolean;
}

export function createAnswerReader(): AnswerReader {
  const items = new Map<number, Item>();
  let events: ChatEvent[] = [];
  let textLength = 0;
  let calls = 0;
  let refused = false;
  let ended = false;
  let failed = false;

  function itemAt(index: number, kind: Item['kind']): Item {
    let item = items.get(index);
    if (!item) {
      item = { kind, parts: [], section: -1, thinking: false, callIndex: -1, hasArguments: false };
      items.set(index, item);
    }
    return item;
  }

  function partAt(index: number, contentIndex: number): ContentPart {
    const { parts } = itemAt(index, 'message');
    let part = parts[contentIndex];
    if (!part) {
      part = { text: '', base: textLength, annotations: 0 };
      parts[contentIndex] = part;
    }
    return part;
  }

  function tellText(index: number, contentIndex: number, text: string, logprobs: TokenLogprob[] | undefined): void {
    const part = partAt(index, contentIndex);
    if (text === '' && !logprobs) return;
    if (part.text === '') part.base = textLength;
    part.text += text;
    textLength += text.length;
    events.push(logprobs ? { type: 'text-delta', choice: 0, text, logprobs } : { type: 'text-delta', choice: 0, text });
  }

  function tellRefusal(index: number, contentIndex: number, text: string): void {
    if (text === '') return;
    partAt(index, contentIndex).text += text;
    refused = true;
    textLength = 0;
    events.push({ type: 'refusal-delta', choice: 0, text });
  }

  function tellAnnotation(index: number, contentIndex: number, value: unknown): void {
    const part = partAt(index, contentIndex);
    part.annotations++;
    const citation = parseAnnotation(value, part.text, part.base);
    if (citation) events.push({ type: 'citation', choice: 0, citation });
  }

  function tellReasoning(item: Item, section: number, text: string, summary: boolean): void {
    if (text === '') return;
    textLength = 0;
    const separated = item.section !== -1 && item.section !== section ? reasoningBreak + text : text;
    item.section = section;
    events.push(
      summary
        ? { type: 'reasoning-delta', choice: 0, text: separated, summary }
        : { type: 'reasoning-delta', choice: 0, text: separated },
    );
  }

  function tellSummary(index: number, summaryIndex: number, text: string): void {
    const item = itemAt(index, 'reasoning');
    if (!item.thinking) tellReasoning(item, summaryIndex, text, true);
  }

  function tellThinking(index: number, contentIndex: number, text: string): void {
    const item = itemAt(index, 'reasoning');
    if (text !== '') item.thinking = true;
    tellReasoning(item, contentIndex, text, false);
  }

  function startCall(index: number, item: JsonObject): void {
    const call = itemAt(index, 'call');
    if (call.callIndex !== -1) return;
    call.callIndex = calls++;
    textLength = 0;
    const id = asString(item.call_id) ?? asString(item.id) ?? `call_${call.callIndex}`;
    events.push({ type: 'tool-call-start', choice: 0, index: call.callIndex, id, name: asString(item.name) ?? '' });
  }

  function tellArguments(index: number, text: string): void {
    const call = itemAt(index, 'call');
    if (text === '' || call.callIndex === -1) return;
    call.hasArguments = true;
    events.push({ type: 'tool-call-delta', choice: 0, index: call.callIndex, arguments: text });
  }

  function messageDone(index: number, item: JsonObject): void {
    asArray(item.content).forEach((value, contentIndex) => {
      const content = asObject(value);
      const part = partAt(index, contentIndex);
      if (content?.type === 'refusal') {
        if (part.text === '') tellRefusal(index, contentIndex, asString(content.refusal) ?? '');
        return;
      }
      if (part.text === '') {
        tellText(index, contentIndex, asString(content?.text) ?? '', parseLogprobs(content?.logprobs));
      }
      for (const annotation of asArray(content?.annotations).slice(part.annotations)) {
        tellAnnotation(index, contentIndex, annotation);
      }
    });
  }

  function reasoningDone(index: number, item: JsonObject): void {
    const told = itemAt(index, 'reasoning');
    if (told.section === -1) {
      asArray(item.content).forEach((part, at) => {
        tellThinking(index, at, asString(asObject(part)?.text) ?? '');
      });
      asArray(item.summary).forEach((part, at) => {
        tellSummary(index, at, asString(asObject(part)?.text) ?? '');
      });
    }
    const id = asString(item.id);
    const encrypted = asString(item.encrypted_content);
    if (!encrypted) {
      if (told.section !== -1) events.push({ type: 'reasoning-end', choice: 0, ...(id !== undefined && { id }) });
      return;
    }
    textLength = 0;
    events.push({ type: 'reasoning-end', choice: 0, ...readReasoning(encrypted, id) });
  }

  function callDone(index: number, item: JsonObject): void {
    startCall(index, item);
    const call = itemAt(index, 'call');
    if (!call.hasArguments) {
      const text = asString(item.arguments) ?? '';
      tellArguments(index, text.trim() === '' ? '{}' : text);
    }
    events.push({ type: 'tool-call-end', choice: 0, index: call.callIndex });
  }

  function itemDone(index: number, item: JsonObject): void {
    switch (kindOf(item)) {
      case 'message':
        itemAt(index, 'message');
        messageDone(index, item);
        break;
      case 'reasoning':
        reasoningDone(index, item);
        break;
      case 'call':
        callDone(index, item);
        break;
      case 'native':
        itemAt(index, 'native');
        textLength = 0;
        events.push({
          type: 'opaque',
          choice: 0,
          wire: 'openai-responses',
          what: asString(item.type) ?? 'item',
          value: item,
        });
        break;
    }
  }

  function tellError(error: SluiceError): void {
    if (!failed) events.push({ type: 'error', error });
    failed = true;
    ended = true;
  }

  return {
    start(response) {
      const start: ChatEvent = { type: 'start' };
      const id = asString(response.id);
      const model = asString(response.model);
      const createdSeconds = asNumber(response.created_at);
      const tier = asString(response.service_tier);
      if (id !== undefined) start.id = id;
      if (model !== undefined) start.model = model;
      if (createdSeconds !== undefined) start.createdSeconds = Math.floor(createdSeconds);
      // At the beginning of a stream `auto` only repeats the question.
      if (tier !== undefined && tier !== 'auto') start.serviceTier = tier;
      events.push(start);
    },
    itemAdded(index, item) {
      const kind = kindOf(item);
      itemAt(index, kind);
      if (kind === 'call') {
        startCall(index, item);
        tellArguments(index, asString(item.arguments) ?? '');
      }
    },
    text: (index, contentIndex, delta, logprobs) => tellText(index, contentIndex, delta, parseLogprobs(logprobs)),
    refusal: tellRefusal,
    annotation: tellAnnotation,
    summary: tellSummary,
    thinking: tellThinking,
    arguments: tellArguments,
    itemDone,
    end(response) {
      const usage = parseUsage(response.usage);
      if (failed) {
        if (usage) events.push({ type: 'usage', usage });
        return;
      }
      if (ended) return;
      if (items.size === 0) {
        asArray(response.output).forEach((value, index) => {
          const item = asObject(value);
          if (item) itemDone(index, item);
        });
      }
      if (usage) events.push({ type: 'usage', usage });
      const status = asString(response.status) ?? 'completed';
      if (status === 'failed' || (status === 'completed' && asObject(response.error))) {
        tellError(parseResponseError(response.error));
      } else if (status !== 'completed' && status !== 'incomplete') {
        tellError(new SluiceError('upstream_invalid_answer', `The provider ended its answer with status ${status}.`));
      } else {
        const native = nativeFinish(response);
        events.push({ type: 'finish', choice: 0, reason: parseFinish(native, { called: calls > 0, refused }), native });
      }
      ended = true;
    },
    error: tellError,
    get ended() {
      return ended;
    },
    take() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

/** The reason of an incomplete Response, else its status. */
export function nativeFinish(response: JsonObject): string {
  const status = asString(response.status) ?? 'completed';
  if (status !== 'incomplete') return status;
  return asString(asObject(response.incomplete_details)?.reason) ?? status;
}

function kindOf(item: JsonObject): Item['kind'] {
  switch (item.type) {
    case 'message':
      return 'message';
    case 'reasoning':
      return 'reasoning';
    case 'function_call':
      return isProgramCall(item) ? 'native' : 'call';
    default:
      return 'native';
  }
}
