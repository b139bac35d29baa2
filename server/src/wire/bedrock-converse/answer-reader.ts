import type { ChatEvent } from '../../core/chat-event.ts';
import type { Citation } from '../../core/chat-request.ts';
import { asArray, asObject, asString, type JsonObject, tryParseJson } from '../../core/json.ts';
import { usageOf } from '../../core/usage.ts';
import { finishReason } from './finish-reasons.ts';
import { readUsage } from './usage.ts';

type OpenBlock =
  | { kind: 'text'; from: number; citations: JsonObject[] }
  | { kind: 'reasoning'; signature: string; redacted: string[] }
  | { kind: 'tool-call'; index: number; empty: boolean }
  | { kind: 'server-tool'; value: JsonObject; input: string }
  | { kind: 'server-result'; value: JsonObject; content: JsonObject[] }
  | { kind: 'image'; format: string; bytes: string[] };

/**
 * Turns the blocks of an answer into chat events. The stream feeds it event by event, a whole answer block by block, so that
 * both give the same. Blocks may lack their start (text, reasoning) and their stop.
 */
export interface AnswerReader {
  blockStart(index: number, start: JsonObject): void;
  blockDelta(index: number, delta: JsonObject): void;
  blockStop(index: number): void;
  messageStop(stop: JsonObject): void;
  usage(usage: JsonObject): void;
  closeAll(): void;
  /** The events since the last call. */
  take(): ChatEvent[];
}

export function createAnswerReader(): AnswerReader {
  const open = new Map<number, OpenBlock>();
  let events: ChatEvent[] = [];
  let calls = 0;
  /** UTF-16 code units of the text part that is being written, to say where cited words stand. */
  let textLength = 0;

  const push = (event: ChatEvent) => {
    events.push(event);
  };

  const begin = (index: number, block: OpenBlock): OpenBlock => {
    // A block that never said it stopped ends where the next begins.
    for (const [at, other] of open) if (at !== index && other.kind !== 'tool-call') close(at);
    open.set(index, block);
    return block;
  };

  const close = (index: number) => {
    const block = open.get(index);
    if (!block) return;
    open.delete(index);
    switch (block.kind) {
      case 'text':
        for (const native of block.citations) {
          push({ type: 'citation', choice: 0, citation: readCitation(native, block.from, textLength) });
        }
        break;
      case 'reasoning':
        push({
          type: 'reasoning-end',
          choice: 0,
          ...(block.signature !== '' && {
            signature: { origin: 'anthropic' as const, on: 'thought' as const, value: block.signature },
          }),
          ...(block.redacted.length > 0 && { redacted: joinBase64(block.redacted) }),
        });
        break;
      case 'tool-call':
        if (block.empty) push({ type: 'tool-call-delta', choice: 0, index: block.index, arguments: '{}' });
        push({ type: 'tool-call-end', choice: 0, index: block.index });
        break;
      case 'server-tool': {
        const input = block.input === '' ? {} : (tryParseJson(block.input) ?? block.input);
        opaque('server_tool_use', { toolUse: { ...block.value, input } });
        break;
      }
      case 'server-result':
        opaque('server_tool_result', { toolResult: { ...block.value, content: block.content } });
        break;
      case 'image':
        textLength = 0;
        if (block.bytes.length > 0) {
          push({ type: 'media', choice: 0, mediaType: `image/${block.format}`, data: joinBase64(block.bytes) });
        }
        break;
    }
  };

  const opaque = (what: string, value: JsonObject) => {
    textLength = 0;
    push({ type: 'opaque', choice: 0, wire: 'bedrock-converse', what, value });
  };

  const textBlock = (index: number) => {
    const block = open.get(index);
    if (block?.kind === 'text') return block;
    return begin(index, { kind: 'text', from: textLength, citations: [] }) as Extract<OpenBlock, { kind: 'text' }>;
  };

  return {
    blockStart(index, start) {
      const toolUse = asObject(start.toolUse);
      const toolResult = asObject(start.toolResult);
      const image = asObject(start.image);
      if (toolUse && asString(toolUse.type) === 'server_tool_use') {
        const { input: _, ...value } = toolUse;
        begin(index, { kind: 'server-tool', value, input: '' });
      } else if (toolUse) {
        textLength = 0;
        begin(index, { kind: 'tool-call', index: calls, empty: true });
        push({
          type: 'tool-call-start',
          choice: 0,
          index: calls++,
          id: asString(toolUse.toolUseId) ?? `tooluse_${index}`,
          name: asString(toolUse.name) ?? '',
        });
      } else if (toolResult) {
        const { content: _, ...value } = toolResult;
        begin(index, { kind: 'server-result', value, content: [] });
      } else if (image) {
        begin(index, { kind: 'image', format: asString(image.format) ?? 'png', bytes: [] });
      }
    },

    blockDelta(index, delta) {
      const { text } = delta;
      if (typeof text === 'string') {
        textBlock(index);
        if (text === '') return;
        textLength += text.length;
        events.push({ type: 'text-delta', choice: 0, text });
        return;
      }
      const block = open.get(index);
      const reasoning = asObject(delta.reasoningContent);
      if (reasoning) {
        const thought =
          block?.kind === 'reasoning' ? block : begin(index, { kind: 'reasoning', signature: '', redacted: [] });
        if (thought.kind !== 'reasoning') return;
        textLength = 0;
        const words = asString(reasoning.text);
        if (words) push({ type: 'reasoning-delta', choice: 0, text: words });
        thought.signature += asString(reasoning.signature) ?? '';
        const redacted = asString(reasoning.redactedContent);
        if (redacted !== undefined) thought.redacted.push(redacted);
      } else if (delta.toolUse !== undefined) {
        const input = asString(asObject(delta.toolUse)?.input) ?? '';
        if (block?.kind === 'server-tool') block.input += input;
        else if (block?.kind === 'tool-call' && input !== '') {
          block.empty = false;
          push({ type: 'tool-call-delta', choice: 0, index: block.index, arguments: input });
        }
      } else if (delta.toolResult !== undefined && block?.kind === 'server-result') {
        for (const entry of asArray(delta.toolResult)) addResult(block.content, asObject(entry));
      } else if (delta.citation !== undefined) {
        const citation = asObject(delta.citation);
        if (citation) textBlock(index).citations.push(citation);
      } else if (delta.image !== undefined && block?.kind === 'image') {
        const bytes = asString(asObject(asObject(delta.image)?.source)?.bytes);
        if (bytes !== undefined) block.bytes.push(bytes);
      }
    },

    blockStop: close,

    messageStop(stop) {
      this.closeAll();
      const native = asString(stop.stopReason) ?? 'end_turn';
      const fields = asObject(stop.additionalModelResponseFields);
      const stopSequence = asString(fields?.stop_sequence) ?? asString(asObject(fields?.delta)?.stop_sequence);
      push({
        type: 'finish',
        choice: 0,
        reason: finishReason(native),
        native,
        ...(stopSequence !== undefined && { stopSequence }),
      });
    },

    usage(usage) {
      push({ type: 'usage', usage: usageOf(readUsage(usage)) });
    },

    closeAll() {
      for (const index of [...open.keys()]) close(index);
    },

    take() {
      const taken = events;
      events = [];
      return taken;
    },
  };
}

/** Text of a server tool's result may arrive in pieces. */
function addResult(content: JsonObject[], entry: JsonObject | undefined): void {
  if (!entry) return;
  const last = content.at(-1);
  if (typeof entry.text === 'string' && typeof last?.text === 'string') last.text += entry.text;
  else content.push({ ...entry });
}

function readCitation(native: JsonObject, start: number, end: number): Citation {
  const location = asObject(native.location);
  const quote = asArray(native.sourceContent)
    .map((entry) => asString(asObject(entry)?.text) ?? '')
    .join('');
  const title = asString(native.title);
  const url = asString(asObject(location?.web)?.url) ?? asString(native.source);
  return {
    ...(title !== undefined && { title }),
    ...(url !== undefined && { url }),
    ...(quote !== '' && { quote }),
    ...(end > start && { start, end }),
    native: { wire: 'bedrock-converse', value: native },
  };
}

const joinBase64 = (parts: readonly string[]): string =>
  parts.length === 1 ? parts[0]! : Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))).toString('base64');
