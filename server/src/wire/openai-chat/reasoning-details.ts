import type { ReasoningPart } from '../../core/chat-request.ts';
import { asNumber, asString, isObject, type JsonObject } from '../../core/json.ts';
import { carrySignature, readSignature, type Signature, type SignatureOrigin } from '../../core/signature.ts';

/**
 * `reasoning_details`, OpenRouter's array for thinking that must be given back: entries of type `reasoning.text`,
 * `reasoning.summary` and `reasoning.encrypted`. `format` says whose signature it is, so the value itself stays as it was.
 */
const formats: Record<SignatureOrigin, string> = {
  anthropic: 'anthropic-claude-v1',
  gemini: 'google-gemini-v1',
  openai: 'openai-responses-v1',
};

/** One entry as read. `foreign` is an entry whose format Sluice does not know: only this wire can carry it. */
export interface ReasoningEntry {
  kind: 'text' | 'summary' | 'encrypted' | 'foreign';
  text: string;
  signature?: Signature;
  redacted?: string;
  id?: string;
  index?: number;
}

export function readReasoningEntry(entry: unknown): ReasoningEntry | undefined {
  if (!isObject(entry)) return undefined;
  const origin = originOf(entry.format);
  const id = asString(entry.id);
  const index = asNumber(entry.index);
  const place = { ...(id !== undefined && { id }), ...(index !== undefined && { index }) };
  switch (entry.type) {
    case 'reasoning.summary':
      return { kind: 'summary', text: asString(entry.summary) ?? '', ...place };
    case 'reasoning.text': {
      const value = asString(entry.signature);
      const read: ReasoningEntry = { kind: 'text', text: asString(entry.text) ?? '', ...place };
      // Only Anthropic signs readable thinking, so that is what an entry without a format means.
      if (value) read.signature = readSignature(value, origin ?? 'anthropic');
      return read;
    }
    case 'reasoning.encrypted': {
      const data = asString(entry.data) ?? '';
      if (data.startsWith('sluice.'))
        return { kind: 'encrypted', text: '', signature: readSignature(data, 'openai'), ...place };
      if (origin === undefined) return { kind: 'foreign', text: '', ...place };
      if (origin === 'anthropic') return { kind: 'encrypted', text: '', redacted: data, ...place };
      return { kind: 'encrypted', text: '', signature: { origin, on: 'thought', value: data }, ...place };
    }
    default:
      return { kind: 'foreign', text: '', ...place };
  }
}

/** The entries of one thinking block; `index` numbers the blocks of the message. */
export function writeReasoningEntries(part: ReasoningPart, index: number): JsonObject[] {
  const { text, signature, redacted } = part;
  const id = part.id === undefined ? {} : { id: part.id };
  const format = signature ? { format: formats[signature.origin] } : {};
  // OpenAI's encrypted thinking stands beside its summary; the others sign the text itself.
  const apart = signature?.origin === 'openai' || (signature?.origin === 'gemini' && text === '');
  const entries: JsonObject[] = [];
  if (part.summary && text !== '' && (apart || !signature)) {
    entries.push({ type: 'reasoning.summary', summary: text, ...id, ...format, index });
  } else if (text !== '' || (signature && !apart)) {
    const signed = signature && !apart ? { signature: carrySignature(signature, signature.origin) } : {};
    entries.push({ type: 'reasoning.text', text, ...signed, ...id, ...format, index });
  }
  if (signature && apart) entries.push(encryptedEntry(signature, index, part.id));
  if (redacted !== undefined)
    entries.push({ type: 'reasoning.encrypted', data: redacted, ...id, format: formats.anthropic, index });
  return entries;
}

/** A signature that belongs to no readable thinking: of a text, or of the tool call that `id` names. */
export function encryptedEntry(signature: Signature, index: number, id?: string): JsonObject {
  return {
    type: 'reasoning.encrypted',
    data: carrySignature(signature, signature.origin),
    ...(id !== undefined && { id }),
    format: formats[signature.origin],
    index,
  };
}

function originOf(format: unknown): SignatureOrigin | undefined {
  if (typeof format !== 'string') return undefined;
  if (format.startsWith('anthropic')) return 'anthropic';
  if (format.startsWith('google')) return 'gemini';
  // Azure's is OpenAI's; xAI's is its own and means nothing to OpenAI.
  return format.startsWith('openai') ? 'openai' : undefined;
}
