import type { ChatEvent } from '../../core/chat-event.ts';
import type { Citation } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Signature } from '../../core/signature.ts';
import type { AnswerContext } from '../wire.ts';
import { annotationsOf, signatureItem } from './build-answer.ts';
import { carryReasoning, type HiddenReasoning } from './carried-reasoning.ts';
import type { EventWriter } from './event-writer.ts';
import {
  callItem,
  type ItemStatus,
  messageItem,
  outputText,
  reasoningItem,
  refusalContent,
  summaryText,
} from './output-items.ts';
import { buildLogprobs } from './token-logprobs.ts';

/**
 * The output items of a stream as they open, grow and close. A new part closes the message before it; calls and thinking
 * stay open until they are told to end, so that deltas of parallel calls may interleave (each names its `output_index`).
 */
export interface StreamOutput {
  /** The items so far; those still open stand as they were added. */
  readonly items: JsonObject[];
  text(event: Extract<ChatEvent, { type: 'text-delta' }>): void;
  refusal(text: string): void;
  citation(citation: Citation): void;
  textSignature(signature: Signature): void;
  reasoning(text: string): void;
  reasoningEnd(hidden: HiddenReasoning): void;
  callStart(event: Extract<ChatEvent, { type: 'tool-call-start' }>): void;
  callArguments(index: number, text: string): void;
  callEnd(index: number): void;
  /** An item that comes all at once. */
  whole(item: JsonObject): void;
  /** Something stood here that cannot be shown: the text after it is a part of its own, with its own offsets. */
  gap(): void;
  /** Closes what is open; `cut` marks the last item incomplete. */
  close(cut: boolean): void;
}

interface ContentPart {
  type: 'output_text' | 'refusal';
  text: string;
  annotations: JsonObject[];
  logprobs: JsonObject[];
  /** The fields that each event of the part begins with, as JSON without braces. */
  place: string;
}

interface OpenMessage {
  index: number;
  id: string;
  parts: ContentPart[];
  content: JsonObject[];
  /** The next delta begins a part of its own. */
  split: boolean;
}

interface OpenReasoning {
  index: number;
  id: string;
  text: string;
  place: string;
}

interface OpenCall {
  index: number;
  id: string;
  callId: string;
  name: string;
  text: string;
  place: string;
  ended: boolean;
}

export function createStreamOutput(writer: EventWriter, context: AnswerContext): StreamOutput {
  const items: JsonObject[] = [];
  const calls = new Map<number, OpenCall>();
  let message: OpenMessage | undefined;
  let reasoning: OpenReasoning | undefined;
  let lastText: ContentPart | undefined;
  let textSignature: Signature | undefined;

  function add(item: JsonObject): number {
    const index = items.push(item) - 1;
    writer.write('response.output_item.added', { output_index: index, item });
    return index;
  }

  function done(index: number, item: JsonObject): void {
    items[index] = item;
    writer.write('response.output_item.done', { output_index: index, item });
  }

  function whole(item: JsonObject): void {
    makeRoom();
    done(add(item), item);
  }

  function gap(): void {
    if (message) message.split = true;
  }

  /** A new item begins: the message and the calls that have ended close. */
  function makeRoom(): void {
    closeMessage('completed');
    for (const call of calls.values()) if (call.ended) closeCall(call, 'completed');
  }

  function partOf(type: ContentPart['type']): ContentPart {
    const open = message ?? openMessage();
    const last = open.parts.at(-1);
    if (last?.type === type && !open.split) return last;
    open.split = false;
    closePart(open);
    const contentIndex = open.parts.length;
    const place = `"item_id":"${open.id}","output_index":${open.index},"content_index":${contentIndex}`;
    const part: ContentPart = { type, text: '', annotations: [], logprobs: [], place };
    open.parts.push(part);
    writer.writeRaw('response.content_part.added', `${place},"part":${JSON.stringify(contentOf(part))}`);
    if (type === 'output_text') lastText = part;
    return part;
  }

  function openMessage(): OpenMessage {
    makeRoom();
    const id = context.newId('msg_');
    message = { id, index: add(messageItem(id, 'in_progress', [])), parts: [], content: [], split: false };
    return message;
  }

  function closePart(open: OpenMessage): void {
    const part = open.parts.at(-1);
    if (!part) return;
    const text = JSON.stringify(part.text);
    if (part.type === 'refusal') writer.writeRaw('response.refusal.done', `${part.place},"refusal":${text}`);
    else {
      const logprobs = JSON.stringify(part.logprobs);
      writer.writeRaw('response.output_text.done', `${part.place},"text":${text},"logprobs":${logprobs}`);
    }
    const content = contentOf(part);
    open.content.push(content);
    writer.writeRaw('response.content_part.done', `${part.place},"part":${JSON.stringify(content)}`);
  }

  function closeMessage(status: ItemStatus): void {
    if (!message) return;
    closePart(message);
    done(message.index, messageItem(message.id, status, message.content));
    message = undefined;
    const signature = textSignature;
    textSignature = undefined;
    if (signature) whole(signatureItem(signature, context));
  }

  function closeReasoning(open: OpenReasoning, hidden: HiddenReasoning): void {
    reasoning = undefined;
    const text = JSON.stringify(open.text);
    const part = JSON.stringify(summaryText(open.text));
    writer.writeRaw('response.reasoning_summary_text.done', `${open.place},"text":${text}`);
    writer.writeRaw('response.reasoning_summary_part.done', `${open.place},"part":${part}`);
    done(open.index, reasoningItem(open.id, open.text, carryReasoning(hidden, open.id)));
  }

  function endCall(call: OpenCall): void {
    if (call.ended) return;
    call.ended = true;
    if (call.text.trim() === '') writeArguments(call, '{}');
    const fields = `"name":${JSON.stringify(call.name)},"arguments":${JSON.stringify(call.text)}`;
    writer.writeRaw('response.function_call_arguments.done', `${call.place},${fields}`);
  }

  function writeArguments(call: OpenCall, text: string): void {
    call.text += text;
    writer.writeRaw('response.function_call_arguments.delta', `${call.place},"delta":${JSON.stringify(text)}`);
  }

  function closeCall(call: OpenCall, status: ItemStatus): void {
    for (const [key, open] of calls) if (open === call) calls.delete(key);
    done(call.index, callItem(call.id, call.callId, call.name, call.text, status));
  }

  return {
    items,
    text({ text, logprobs }) {
      if (text === '' && !logprobs) return;
      const part = partOf('output_text');
      part.text += text;
      let tokens = '[]';
      if (logprobs) {
        const built = buildLogprobs(logprobs);
        part.logprobs.push(...built);
        tokens = JSON.stringify(built);
      }
      writer.writeRaw(
        'response.output_text.delta',
        `${part.place},"delta":${JSON.stringify(text)},"logprobs":${tokens}`,
      );
    },
    refusal(text) {
      if (text === '') return;
      const part = partOf('refusal');
      part.text += text;
      writer.writeRaw('response.refusal.delta', `${part.place},"delta":${JSON.stringify(text)}`);
    },
    citation(citation) {
      if (!lastText) {
        context.losses.push({ field: 'citations', reason: 'there is no text to cite from' });
        return;
      }
      for (const annotation of annotationsOf([citation], lastText.text, context)) {
        const place = `${lastText.place},"annotation_index":${lastText.annotations.length}`;
        lastText.annotations.push(annotation);
        const fields = `${place},"annotation":${JSON.stringify(annotation)}`;
        writer.writeRaw('response.output_text.annotation.added', fields);
      }
    },
    textSignature(signature) {
      if (message) textSignature = signature;
      else whole(signatureItem(signature, context));
    },
    reasoning(text) {
      if (text === '') return;
      if (!reasoning) {
        makeRoom();
        const id = context.newId('rs_');
        const index = add(reasoningItem(id, '', undefined));
        reasoning = { id, index, text: '', place: `"item_id":"${id}","output_index":${index},"summary_index":0` };
        const part = JSON.stringify(summaryText(''));
        writer.writeRaw('response.reasoning_summary_part.added', `${reasoning.place},"part":${part}`);
      }
      reasoning.text += text;
      writer.writeRaw('response.reasoning_summary_text.delta', `${reasoning.place},"delta":${JSON.stringify(text)}`);
    },
    reasoningEnd(hidden) {
      if (reasoning) {
        closeReasoning(reasoning, hidden);
        return;
      }
      const id = hidden.id?.startsWith('rs_') ? hidden.id : context.newId('rs_');
      const encrypted = carryReasoning(hidden, id);
      if (encrypted === undefined) gap();
      else whole(reasoningItem(id, '', encrypted));
    },
    callStart({ index: callIndex, id: callId, name, signature }) {
      makeRoom();
      if (signature) whole(signatureItem(signature, context));
      const id = context.newId('fc_');
      const index = add(callItem(id, callId, name, '', 'in_progress'));
      const place = `"item_id":"${id}","output_index":${index}`;
      calls.set(callIndex, { id, callId, name, index, text: '', place, ended: false });
    },
    callArguments(index, text) {
      const call = calls.get(index);
      if (call && !call.ended && text !== '') writeArguments(call, text);
    },
    callEnd(index) {
      const call = calls.get(index);
      if (call) endCall(call);
    },
    whole,
    gap,
    close(cut) {
      if (reasoning) closeReasoning(reasoning, {});
      const last = cut && !textSignature ? items.length - 1 : -1;
      const statusAt = (index: number): ItemStatus => (index === last ? 'incomplete' : 'completed');
      for (const call of [...calls.values()]) {
        endCall(call);
        closeCall(call, statusAt(call.index));
      }
      if (message) closeMessage(statusAt(message.index));
    },
  };
}

const contentOf = ({ type, text, annotations, logprobs }: ContentPart): JsonObject =>
  type === 'refusal' ? refusalContent(text) : outputText(text, annotations, logprobs);
