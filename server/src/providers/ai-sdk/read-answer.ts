import type { ChatEvent, FinishReason } from '../../core/chat-event.ts';
import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { type Usage, usageOf } from '../../core/usage.ts';

/** Turns what an AI SDK model gives into chat events: stream parts one by one, or the content of a whole answer. */
export interface AnswerEvents {
  part(part: unknown): ChatEvent[];
  /** When the stream ends: an error when no `finish` part came. */
  end(): ChatEvent[];
}

export function createAnswerEvents(asError: (thrown: unknown) => SluiceError): AnswerEvents {
  const calls = new Map<string, { index: number; written: boolean; raw: boolean }>();
  const hidden = new Set<string>();
  let started = false;
  let ended = false;

  const begin = (facts: JsonObject = {}): ChatEvent[] => {
    if (started) return [];
    started = true;
    const id = asString(facts.id);
    const model = asString(facts.modelId);
    const time = facts.timestamp instanceof Date ? Math.floor(facts.timestamp.getTime() / 1000) : undefined;
    return [
      {
        type: 'start',
        ...(id !== undefined && { id }),
        ...(model !== undefined && { model }),
        ...(time !== undefined && { createdSeconds: time }),
      },
    ];
  };

  const startCall = (id: string, name: string, raw: boolean): ChatEvent[] => {
    calls.set(id, { index: calls.size, written: false, raw });
    return [{ type: 'tool-call-start', choice: 0, index: calls.size - 1, id, name }];
  };

  const wholeCall = (part: JsonObject): ChatEvent[] => {
    const id = asString(part.toolCallId) ?? `call_${calls.size}`;
    if (part.providerExecuted === true || hidden.has(id)) return [];
    const events = calls.has(id) ? [] : startCall(id, asString(part.toolName) ?? '', false);
    const call = calls.get(id)!;
    if (!call.written) {
      const text = typeof part.input === 'string' ? part.input : JSON.stringify(part.input ?? {});
      events.push({
        type: 'tool-call-delta',
        choice: 0,
        index: call.index,
        arguments: text.trim() === '' ? '{}' : text,
      });
    }
    events.push({ type: 'tool-call-end', choice: 0, index: call.index });
    return events;
  };

  const read = (part: JsonObject): ChatEvent[] => {
    switch (part.type) {
      case 'text-delta':
        return delta('text-delta', part.delta);
      case 'text':
        return delta('text-delta', part.text);
      case 'reasoning-delta':
        return delta('reasoning-delta', part.delta);
      case 'reasoning-end':
        return [{ type: 'reasoning-end', choice: 0 }];
      case 'reasoning':
        return [...delta('reasoning-delta', part.text), { type: 'reasoning-end', choice: 0 }];
      case 'tool-input-start': {
        const id = asString(part.id) ?? '';
        if (part.providerExecuted === true) hidden.add(id);
        else return startCall(id, asString(part.toolName) ?? '', part.inputEncoding === 'text');
        return [];
      }
      case 'tool-input-delta': {
        const call = calls.get(asString(part.id) ?? '');
        const text = asString(part.delta);
        // Raw text becomes JSON only with the whole call.
        if (!call || call.raw || !text) return [];
        call.written = true;
        return [{ type: 'tool-call-delta', choice: 0, index: call.index, arguments: text }];
      }
      case 'tool-call':
        return wholeCall(part);
      case 'file':
        return readFile(part);
      case 'source':
        return part.sourceType === 'url' ? [readSource(part)] : [];
      case 'finish':
        ended = true;
        return readEnd(part);
      case 'error':
        ended = true;
        return [{ type: 'error', error: asError(part.error) }];
      default:
        return [];
    }
  };

  return {
    part(value) {
      const part = asObject(value);
      if (!part || ended) return [];
      if (part.type === 'response-metadata') return begin(part);
      const events = read(part);
      return events.length === 0 || started ? events : [...begin(), ...events];
    },
    end() {
      if (ended) return [];
      ended = true;
      const error = new SluiceError('upstream_invalid_answer', 'The answer was cut off before its end.');
      return [{ type: 'error', error }];
    },
  };
}

/** A whole answer, read as the stream parts that it would have been. */
export function readGenerated(result: unknown, asError: (thrown: unknown) => SluiceError): ChatEvent[] {
  const generated = asObject(result);
  if (!generated || !Array.isArray(generated.content)) {
    throw new SluiceError('upstream_invalid_answer', 'The AI SDK package gave an answer without content.');
  }
  const events = createAnswerEvents(asError);
  return [
    ...events.part({ type: 'response-metadata', ...asObject(generated.response) }),
    ...asArray(generated.content).flatMap((part) => events.part(part)),
    ...events.part({ type: 'finish', finishReason: generated.finishReason, usage: generated.usage }),
  ];
}

/** The packages' own warnings about what they did not carry. */
export function readWarnings(value: unknown): string[] {
  return asArray(value).flatMap((item) => {
    const warning = asObject(item);
    const what = asString(warning?.feature) ?? asString(warning?.setting) ?? asString(warning?.message);
    return what === undefined ? [] : [what];
  });
}

function delta(type: 'text-delta' | 'reasoning-delta', text: unknown): ChatEvent[] {
  return typeof text === 'string' && text !== '' ? [{ type, choice: 0, text }] : [];
}

function readFile(part: JsonObject): ChatEvent[] {
  const { data } = part;
  const base64 = data instanceof Uint8Array ? Buffer.from(data).toString('base64') : asString(data);
  if (base64 === undefined) return [];
  return [
    { type: 'media', choice: 0, mediaType: asString(part.mediaType) ?? 'application/octet-stream', data: base64 },
  ];
}

function readSource(part: JsonObject): ChatEvent {
  const url = asString(part.url);
  const title = asString(part.title);
  return {
    type: 'citation',
    choice: 0,
    citation: { ...(url !== undefined && { url }), ...(title !== undefined && { title }) },
  };
}

const reasons: Record<string, FinishReason> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
};

/** Version 3 gives `{unified, raw}`, version 2 the unified word alone. */
function readEnd({ finishReason, usage }: JsonObject): ChatEvent[] {
  const unified = asString(finishReason) ?? asString(asObject(finishReason)?.unified) ?? 'other';
  const native = asString(asObject(finishReason)?.raw) ?? unified;
  const found = asObject(usage);
  return [
    { type: 'finish', choice: 0, reason: reasons[unified] ?? 'other', native },
    ...(found ? [{ type: 'usage' as const, usage: readUsage(found) }] : []),
  ];
}

/** Version 2 gives bare numbers and counts cached tokens within the input, as OpenAI does. */
function readUsage(usage: JsonObject): Usage {
  const input = asObject(usage.inputTokens);
  const output = asObject(usage.outputTokens);
  const cacheRead = asNumber(input?.cacheRead) ?? asNumber(usage.cachedInputTokens) ?? 0;
  const cacheWrite = asNumber(input?.cacheWrite) ?? 0;
  const total = asNumber(input?.total) ?? asNumber(usage.inputTokens) ?? 0;
  return usageOf({
    input: asNumber(input?.noCache) ?? Math.max(0, total - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: asNumber(output?.total) ?? asNumber(usage.outputTokens) ?? 0,
    reasoning: asNumber(output?.reasoning) ?? asNumber(usage.reasoningTokens) ?? 0,
  });
}
