import type { ChatEvent } from '../../core/chat-event.ts';
import type { Citation } from '../../core/chat-request.ts';
import { isObject, type JsonObject } from '../../core/json.ts';
import { carrySignature, type Signature } from '../../core/signature.ts';
import { noUsage, type Usage } from '../../core/usage.ts';
import { sseEvent } from '../sse.ts';
import type { AnswerContext, StreamBuilder } from '../wire.ts';
import { buildHead, buildStop, type Finish } from './answer-fields.ts';
import { BlockQueue, type OutBlock } from './block-queue.ts';
import { buildCitation } from './citations.ts';
import { buildStreamError } from './errors.ts';
import { lose } from './lose.ts';
import { buildDeltaUsage } from './usage.ts';

export const ping = sseEvent('{"type":"ping"}', 'ping');

/**
 * Writes the events of one message. message_start waits for the first thing after `start`, so that input figures that are
 * already known stand in it; message_delta with the whole cumulative usage and message_stop come with `finish()`.
 */
export function createStreamBuilder(context: AnswerContext): StreamBuilder {
  const { losses } = context;
  const blocks = new BlockQueue();
  const calls = new Map<number, OutBlock>();
  let facts: { id?: string; model?: string; serviceTier?: string } = {};
  let usage: Usage | undefined;
  let stop: Finish | undefined;
  let refusal = '';
  let begun = false;
  let dead = false;

  function begin(): string {
    if (begun) return '';
    begun = true;
    const message = buildHead(facts, usage, context);
    return sseEvent(JSON.stringify({ type: 'message_start', message }), 'message_start');
  }

  function text(value: string): string {
    if (value === '') return '';
    const json = `{"type":"text_delta","text":${JSON.stringify(value)}}`;
    const { tail } = blocks;
    if (tail?.kind === 'text' && !tail.cited) return blocks.delta(tail, json);
    const [block, out] = blocks.open('text', { type: 'text', text: '' });
    return out + blocks.delta(block, json);
  }

  function reasoning(value: string): string {
    if (value === '') return '';
    const json = `{"type":"thinking_delta","thinking":${JSON.stringify(value)}}`;
    const { tail } = blocks;
    if (tail?.kind === 'thinking') return blocks.delta(tail, json);
    const [block, out] = blocks.open('thinking', { type: 'thinking', thinking: '', signature: '' });
    return out + blocks.delta(block, json);
  }

  function endReasoning(signature: Signature | undefined, redacted: string | undefined): string {
    const { tail } = blocks;
    let out = '';
    if (tail?.kind === 'thinking') out = sign(tail, signature);
    else if (signature) out = signatureOnly(signature);
    return redacted === undefined ? out : out + whole({ type: 'redacted_thinking', data: redacted });
  }

  function sign(block: OutBlock, signature: Signature | undefined): string {
    if (!signature) return blocks.end(block);
    const value = JSON.stringify(carrySignature(signature, 'anthropic'));
    return blocks.delta(block, `{"type":"signature_delta","signature":${value}}`) + blocks.end(block);
  }

  function signatureOnly(signature: Signature): string {
    const [block, out] = blocks.open('thinking', { type: 'thinking', thinking: '', signature: '' });
    return out + sign(block, signature);
  }

  function whole(contentBlock: JsonObject): string {
    const [block, out] = blocks.open('whole', contentBlock);
    return out + blocks.end(block);
  }

  function startCall(event: Extract<ChatEvent, { type: 'tool-call-start' }>): string {
    const before = event.signature ? signatureOnly(event.signature) : '';
    const [block, out] = blocks.open('tool', { type: 'tool_use', id: event.id, name: event.name, input: {} });
    calls.set(event.index, block);
    return before + out;
  }

  function callDelta(index: number, json: string): string {
    const block = calls.get(index);
    if (!block || block.ended || json === '') return '';
    return blocks.delta(block, `{"type":"input_json_delta","partial_json":${JSON.stringify(json)}}`);
  }

  function endCall(index: number): string {
    const block = calls.get(index);
    if (!block) return '';
    return (block.sawDelta ? '' : callDelta(index, '{}')) + blocks.end(block);
  }

  function cite(citation: Citation): string {
    const native = buildCitation(citation);
    const { tail } = blocks;
    if (!native || tail?.kind !== 'text') {
      lose(losses, 'annotations', 'a citation without an address or a text has no form in the Messages API');
      return '';
    }
    tail.cited = true;
    return blocks.delta(tail, `{"type":"citations_delta","citation":${JSON.stringify(native)}}`);
  }

  /** A native block kept whole. A server tool's input is streamed, as Anthropic itself does. */
  function opaque(event: Extract<ChatEvent, { type: 'opaque' }>): string {
    if (event.wire !== 'anthropic-messages' || !isObject(event.value)) {
      lose(losses, event.what, 'the Messages API has no such item');
      return '';
    }
    const { value } = event;
    if (!event.what.endsWith('tool_use') || !isObject(value.input)) return whole(value);
    const [block, out] = blocks.open('whole', { ...value, input: {} });
    const json = JSON.stringify(JSON.stringify(value.input));
    return out + blocks.delta(block, `{"type":"input_json_delta","partial_json":${json}}`) + blocks.end(block);
  }

  function media(event: Extract<ChatEvent, { type: 'media' }>): string {
    lose(losses, event.mediaType.startsWith('audio/') ? 'audio' : 'images', 'the Messages API answers in text only');
    return text(event.transcript ?? '');
  }

  function content(event: ChatEvent): string {
    switch (event.type) {
      case 'text-delta':
        if (event.logprobs) lose(losses, 'logprobs', 'the Messages API has no log probabilities');
        return text(event.text);
      case 'reasoning-delta':
        return reasoning(event.text);
      case 'reasoning-end':
        return endReasoning(event.signature, event.redacted);
      case 'tool-call-start':
        return startCall(event);
      case 'tool-call-delta':
        return callDelta(event.index, event.arguments);
      case 'tool-call-end':
        return endCall(event.index);
      case 'citation':
        return cite(event.citation);
      case 'text-signature':
        return signatureOnly(event.signature);
      case 'opaque':
        return opaque(event);
      case 'media':
        return media(event);
      case 'ping':
        return ping;
      default:
        return '';
    }
  }

  return {
    build(event: ChatEvent): string {
      if (dead) return '';
      if ('choice' in event && event.choice > 0) {
        lose(losses, 'n', 'the Messages API has one choice');
        return '';
      }
      switch (event.type) {
        case 'start':
          facts = event;
          return '';
        case 'usage':
          usage = event.usage;
          return '';
        case 'finish':
          stop = event;
          return '';
        case 'refusal-delta':
          refusal += event.text;
          return '';
        case 'error':
          dead = true;
          return buildStreamError(event.error, context.requestId);
        default:
          return begun ? content(event) : begin() + content(event);
      }
    },
    finish(): string {
      if (dead) return '';
      dead = true;
      let out = begin();
      for (const index of calls.keys()) out += endCall(index);
      const { tail } = blocks;
      if (tail) out += blocks.end(tail);
      const delta = { ...buildStop(stop, refusal), container: null };
      const end = {
        type: 'message_delta',
        delta,
        usage: { ...buildDeltaUsage(usage ?? noUsage), server_tool_use: null },
      };
      return out + sseEvent(JSON.stringify(end), 'message_delta') + sseEvent('{"type":"message_stop"}', 'message_stop');
    },
  };
}
