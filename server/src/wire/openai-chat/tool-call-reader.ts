import type { ChatEvent } from '../../core/chat-event.ts';
import { asObject, asString, isObject, type JsonObject } from '../../core/json.ts';
import { readSignature, type Signature } from '../../core/signature.ts';

export interface ToolCallReader {
  /** Reads `tool_calls` of one delta or one whole message. */
  read(calls: readonly unknown[], events: ChatEvent[]): void;
  /** Reads the deprecated `function_call`. */
  readFunctionCall(call: JsonObject, events: ChatEvent[]): void;
  /** Ends all calls: what is still held goes out, empty arguments become `{}`. */
  finish(events: ChatEvent[]): void;
  /** Whether the answer held any call. */
  readonly any: boolean;
}

interface OpenCall {
  key: number | undefined;
  nativeId: string;
  /** The place among the calls of the choice; -1 until the call has its name and is announced. */
  index: number;
  name: string;
  arguments: string;
  signature: Signature | undefined;
  /** A custom tool's call takes free text and goes out whole. */
  custom: boolean;
}

/**
 * Puts tool calls together. Lenient where servers differ: no `index`, no `id`, index 0 for every call (Ollama), name after
 * id, arguments as an object. `makeId` gives a stable id from the call's place and name.
 */
export function createToolCallReader(choice: number, makeId: (index: number, name: string) => string): ToolCallReader {
  const calls: OpenCall[] = [];
  let announced = 0;

  function find(raw: JsonObject, name: string): OpenCall | undefined {
    const key = typeof raw.index === 'number' ? raw.index : undefined;
    const id = asString(raw.id) ?? '';
    if (key === undefined) {
      if (id !== '') return calls.find((call) => call.nativeId === id);
      return name === '' ? calls.at(-1) : undefined;
    }
    const call = calls.findLast((candidate) => candidate.key === key);
    if (!call || name === '') return call;
    // The same index with another id, or a name after whole arguments, is the next call of a server that does not count.
    if (id !== '' && call.nativeId !== '' && id !== call.nativeId) return undefined;
    return id === '' && call.name !== '' && isWhole(call.arguments) ? undefined : call;
  }

  function announce(call: OpenCall, events: ChatEvent[]): void {
    call.index = announced++;
    if (call.custom) return;
    const id = call.nativeId === '' ? makeId(call.index, call.name) : call.nativeId;
    const start: ChatEvent = { type: 'tool-call-start', choice, index: call.index, id, name: call.name };
    if (call.signature) start.signature = call.signature;
    events.push(start);
    if (call.arguments !== '')
      events.push({ type: 'tool-call-delta', choice, index: call.index, arguments: call.arguments });
  }

  function feed(raw: JsonObject, named: JsonObject, written: string, custom: boolean, events: ChatEvent[]): void {
    const name = asString(named.name) ?? '';
    let call = find(raw, name);
    if (!call) {
      const key = typeof raw.index === 'number' ? raw.index : undefined;
      call = { key, nativeId: asString(raw.id) ?? '', index: -1, name, arguments: '', signature: undefined, custom };
      calls.push(call);
    } else {
      if (call.nativeId === '') call.nativeId = asString(raw.id) ?? '';
      if (call.name === '') call.name = name;
    }
    call.signature ??= readCallSignature(raw);
    call.arguments += written;
    if (call.index === -1) {
      if (call.name !== '') announce(call, events);
    } else if (written !== '' && !call.custom) {
      events.push({ type: 'tool-call-delta', choice, index: call.index, arguments: written });
    }
  }

  return {
    read(list, events) {
      for (const raw of list) {
        if (!isObject(raw)) continue;
        const custom = asObject(raw.custom);
        if (custom) feed(raw, custom, asString(custom.input) ?? '', true, events);
        else {
          const named = asObject(raw.function) ?? {};
          feed(raw, named, argumentText(named.arguments), false, events);
        }
      }
    },
    readFunctionCall(call, events) {
      feed({ index: 0 }, call, argumentText(call.arguments), false, events);
    },
    finish(events) {
      for (const call of calls) {
        if (call.index === -1) announce(call, events);
        if (call.custom) {
          const id = call.nativeId === '' ? makeId(call.index, call.name) : call.nativeId;
          const value = { id, type: 'custom', custom: { name: call.name, input: call.arguments } };
          events.push({ type: 'opaque', choice, wire: 'openai-chat', what: 'custom_tool_call', value });
          continue;
        }
        if (call.arguments === '') events.push({ type: 'tool-call-delta', choice, index: call.index, arguments: '{}' });
        events.push({ type: 'tool-call-end', choice, index: call.index });
      }
    },
    get any() {
      return calls.length > 0;
    },
  };
}

/** The signature of a call in Google's place for it, `extra_content.google.thought_signature`. */
export function readCallSignature(call: JsonObject): Signature | undefined {
  const value = asString(asObject(asObject(call.extra_content)?.google)?.thought_signature);
  if (!value) return undefined;
  return { ...readSignature(value, 'gemini'), on: 'call' };
}

function argumentText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

function isWhole(text: string): boolean {
  try {
    return isObject(JSON.parse(text));
  } catch {
    return false;
  }
}
