import type { ChatEvent } from '../../core/chat-event.ts';
import { asArray, asObject, asString, isObject, type JsonObject, tryParseJson } from '../../core/json.ts';
import { readSignature } from '../../core/signature.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { StreamParser, WireEvent } from '../wire.ts';
import { readCitation } from './citations.ts';
import { parseErrorEvent } from './errors.ts';
import { addBlock, addRefusal, finishEvent, type Place, startEvent } from './parse-answer.ts';
import { UsageFigures } from './usage.ts';

/** A block between its start and its stop. `json` gathers input deltas of blocks that are kept whole. */
interface OpenBlock {
  block: JsonObject;
  call: number;
  sawArguments: boolean;
  sawThinking: boolean;
  signature: string;
  textStart: number;
  citations: unknown[] | undefined;
  json: string;
}

/** Parses the events of one streamed message (https://docs.claude.com/en/build-with-claude/streaming). */
export function createStreamParser(): StreamParser {
  const open = new Map<number, OpenBlock>();
  const figures = new UsageFigures();
  const place: Place = { calls: 0, textLength: 0 };
  let finished = false;
  let ended = false;

  function fail(error: SluiceError): ChatEvent[] {
    ended = true;
    return [{ type: 'error', error }];
  }

  function startBlock(json: JsonObject): ChatEvent[] {
    const block = asObject(json.content_block);
    if (!block) return [];
    const opened: OpenBlock = {
      block,
      call: -1,
      sawArguments: false,
      sawThinking: false,
      signature: '',
      textStart: place.textLength,
      citations: undefined,
      json: '',
    };
    open.set(json.index as number, opened);
    switch (block.type) {
      case 'text': {
        const citations = asArray(block.citations);
        if (citations.length > 0) opened.citations = [...citations];
        return typeof block.text === 'string' && block.text !== '' ? textDelta(block.text) : [];
      }
      case 'thinking': {
        opened.signature = asString(block.signature) ?? '';
        return typeof block.thinking === 'string' && block.thinking !== '' ? thinkingDelta(opened, block.thinking) : [];
      }
      case 'tool_use': {
        opened.call = place.calls++;
        const id = asString(block.id) ?? '';
        return [{ type: 'tool-call-start', choice: 0, index: opened.call, id, name: asString(block.name) ?? '' }];
      }
      default:
        return [];
    }
  }

  function textDelta(text: string): ChatEvent[] {
    place.textLength += text.length;
    return [{ type: 'text-delta', choice: 0, text }];
  }

  function thinkingDelta(opened: OpenBlock, text: string): ChatEvent[] {
    opened.sawThinking = true;
    return [{ type: 'reasoning-delta', choice: 0, text }];
  }

  function delta(json: JsonObject): ChatEvent[] {
    const change = json.delta as JsonObject | undefined;
    const opened = open.get(json.index as number);
    if (!change || !opened) return [];
    switch (change.type) {
      case 'text_delta':
        return typeof change.text === 'string' && change.text !== '' ? textDelta(change.text) : [];
      case 'thinking_delta':
        return typeof change.thinking === 'string' && change.thinking !== ''
          ? thinkingDelta(opened, change.thinking)
          : [];
      case 'input_json_delta': {
        const text = change.partial_json;
        if (typeof text !== 'string' || text === '') return [];
        if (opened.call === -1) {
          opened.json += text;
          return [];
        }
        opened.sawArguments = true;
        return [{ type: 'tool-call-delta', choice: 0, index: opened.call, arguments: text }];
      }
      case 'signature_delta':
        if (typeof change.signature === 'string') opened.signature = change.signature;
        return [];
      case 'citations_delta':
        opened.citations ??= [];
        opened.citations.push(change.citation);
        return [];
      default:
        addToWhole(opened.block, change);
        return [];
    }
  }

  function stopBlock(json: JsonObject): ChatEvent[] {
    const opened = open.get(json.index as number);
    if (!opened) return [];
    open.delete(json.index as number);
    const { block } = opened;
    switch (block.type) {
      case 'text':
        // A citation may come ahead of its text; told at the end of the block, it stands behind what it cites.
        return (opened.citations ?? []).map((citation) => ({
          type: 'citation',
          choice: 0,
          citation: readCitation(citation, opened.textStart, place.textLength),
        }));
      case 'thinking':
        if (opened.signature !== '') {
          return [{ type: 'reasoning-end', choice: 0, signature: readSignature(opened.signature, 'anthropic') }];
        }
        return opened.sawThinking ? [{ type: 'reasoning-end', choice: 0 }] : [];
      case 'redacted_thinking':
        return [{ type: 'reasoning-end', choice: 0, redacted: asString(block.data) ?? '' }];
      case 'tool_use': {
        const end: ChatEvent = { type: 'tool-call-end', choice: 0, index: opened.call };
        if (opened.sawArguments) return [end];
        // No deltas: either there are no arguments, or an imitator gave them whole in the block.
        const whole = JSON.stringify(isObject(block.input) ? block.input : {});
        return [{ type: 'tool-call-delta', choice: 0, index: opened.call, arguments: whole }, end];
      }
      default: {
        const value = opened.json === '' ? block : { ...block, input: tryParseJson(opened.json) ?? opened.json };
        const what = asString(block.type) ?? 'unknown';
        return [{ type: 'opaque', choice: 0, wire: 'anthropic-messages', what, value }];
      }
    }
  }

  function messageDelta(json: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    const change = asObject(json.delta) ?? {};
    figures.set(json.usage);
    addRefusal(change.stop_details, events);
    const { usage } = figures;
    if (usage) events.push({ type: 'usage', usage });
    if (typeof change.stop_reason === 'string') {
      finished = true;
      events.push(finishEvent(change));
    }
    return events;
  }

  function messageStop(): ChatEvent[] {
    ended = true;
    const events = closeAll();
    if (!finished) events.push({ type: 'finish', choice: 0, reason: 'other' });
    return events;
  }

  /** An imitator that forgets content_block_stop loses nothing. */
  function closeAll(): ChatEvent[] {
    return [...open.keys()].flatMap((index) => stopBlock({ index }));
  }

  return {
    parse(event: WireEvent): ChatEvent[] {
      if (ended || event.data === '' || event.data === '[DONE]') return [];
      let json: JsonObject;
      try {
        json = JSON.parse(event.data);
      } catch (cause) {
        return fail(
          new SluiceError('upstream_invalid_answer', 'The provider sent an event that is not JSON.', { cause }),
        );
      }
      if (typeof json !== 'object' || json === null) return [];
      switch (json.type ?? event.event) {
        case 'content_block_delta':
          return delta(json);
        case 'content_block_start':
          return startBlock(json);
        case 'content_block_stop':
          return stopBlock(json);
        case 'message_start': {
          const message = asObject(json.message) ?? {};
          figures.set(message.usage);
          const events: ChatEvent[] = [startEvent(message)];
          const { usage } = figures;
          if (usage) events.push({ type: 'usage', usage });
          // Calls that a server tool deferred stand whole in message_start.
          for (const block of asArray(message.content)) if (isObject(block)) addBlock(block, place, events);
          return events;
        }
        case 'message_delta': {
          const events = closeAll();
          return events.length === 0 ? messageDelta(json) : [...events, ...messageDelta(json)];
        }
        case 'message_stop':
          return messageStop();
        case 'ping':
          return [{ type: 'ping' }];
        case 'error':
          return fail(parseErrorEvent(json));
        default:
          return [];
      }
    },
    finish(): ChatEvent[] {
      if (ended) return [];
      ended = true;
      const message = "The provider's answer was cut off before its end.";
      return [{ type: 'error', error: new SluiceError('upstream_invalid_answer', message) }];
    },
  };
}

/** A delta of a block that is kept whole: text is appended, anything else replaces what was there. */
function addToWhole(block: JsonObject, change: JsonObject): void {
  for (const field in change) {
    if (field === 'type' || change[field] === null || change[field] === undefined) continue;
    const before = block[field];
    const added = change[field];
    block[field] = typeof before === 'string' && typeof added === 'string' ? before + added : added;
  }
}
