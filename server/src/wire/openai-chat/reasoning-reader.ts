import type { ChatEvent } from '../../core/chat-event.ts';
import { asString, isObject, type JsonObject } from '../../core/json.ts';
import { type ReasoningEntry, readReasoningEntry } from './reasoning-details.ts';

export interface ReasoningReader {
  /** Reads the thinking of one delta or one whole message. */
  read(message: JsonObject, events: ChatEvent[]): void;
  /** Adds readable thinking to the open block. */
  add(text: string, events: ChatEvent[]): void;
  /** Ends the open block, if there is one: something else follows. */
  close(events: ChatEvent[]): void;
}

interface OpenBlock {
  kind: 'text' | 'summary';
  id: string | undefined;
  index: number | undefined;
}

/**
 * Reads the three places where servers put thinking: `reasoning_content` (DeepSeek, vLLM), `reasoning` (Groq, OpenRouter,
 * Ollama) and `reasoning_details` (OpenRouter), which repeats the text of the others and wins over them.
 */
export function createReasoningReader(choice: number): ReasoningReader {
  let open: OpenBlock | undefined;
  // What the plain fields have said of the open block.
  let spoken = '';

  function add(text: string, events: ChatEvent[]): void {
    if (text === '') return;
    open ??= { kind: 'text', id: undefined, index: undefined };
    spoken += text;
    events.push({ type: 'reasoning-delta', choice, text });
  }

  function close(events: ChatEvent[]): void {
    if (!open) return;
    const id = open.id;
    forget();
    events.push(id === undefined ? { type: 'reasoning-end', choice } : { type: 'reasoning-end', choice, id });
  }

  function forget(): void {
    open = undefined;
    spoken = '';
  }

  function readEntry(entry: ReasoningEntry, raw: unknown, events: ChatEvent[]): void {
    if (entry.kind === 'foreign') {
      close(events);
      events.push({ type: 'opaque', choice, wire: 'openai-chat', what: 'reasoning_details', value: raw });
      return;
    }
    if (entry.kind === 'encrypted') {
      // OpenAI's encrypted thinking belongs to the summary before it; everything else is a block of its own.
      const joins = entry.signature?.origin === 'openai' && entry.signature.on === 'thought';
      const id = entry.id ?? (joins ? open?.id : undefined);
      if (joins) forget();
      else close(events);
      const { signature, redacted } = entry;
      events.push({
        type: 'reasoning-end',
        choice,
        ...(signature && { signature }),
        ...(redacted !== undefined && { redacted }),
        ...(id !== undefined && { id }),
      });
      return;
    }
    // A gateway may stream the plain text first and sum it up, signed, at the end of the block.
    if (open && spoken !== '' && spoken.includes(entry.text)) {
      if (entry.kind === 'summary' && open.kind === 'text')
        events.push({ type: 'reasoning-delta', choice, text: '', summary: true });
      open.kind = entry.kind;
    } else {
      const another = open && (open.kind !== entry.kind || (entry.index !== undefined && open.index !== entry.index));
      if (another) close(events);
      if (entry.text !== '') {
        open ??= { kind: entry.kind, id: undefined, index: entry.index };
        if (entry.kind === 'summary') events.push({ type: 'reasoning-delta', choice, text: entry.text, summary: true });
        else events.push({ type: 'reasoning-delta', choice, text: entry.text });
      }
    }
    if (open && entry.id !== undefined) open.id = entry.id;
    if (entry.signature) {
      const id = entry.id ?? open?.id;
      forget();
      events.push({ type: 'reasoning-end', choice, signature: entry.signature, ...(id !== undefined && { id }) });
    }
  }

  return {
    read(message, events) {
      const details = message.reasoning_details;
      let told = false;
      if (Array.isArray(details)) {
        for (const raw of details) {
          const entry = readReasoningEntry(raw);
          if (!entry) continue;
          if (entry.text !== '') told = true;
          readEntry(entry, raw, events);
        }
      }
      if (told) return;
      // vLLM sends the same text under both names while it renames one into the other.
      const plain = message.reasoning_content;
      if (typeof plain === 'string' && plain !== '') add(plain, events);
      else if (typeof message.reasoning === 'string') add(message.reasoning, events);
    },
    add,
    close,
  };
}

/** The text of a `thinking` content part (Mistral): a list of text parts, or the text itself. */
export function thinkingText(part: JsonObject): string {
  if (typeof part.thinking === 'string') return part.thinking;
  if (!Array.isArray(part.thinking)) return '';
  return part.thinking.map((inner: unknown) => (isObject(inner) ? (asString(inner.text) ?? '') : '')).join('');
}
