import type { ChatPart, ChatSettings } from '../../../shared/src/chat.ts';
import type { ChatCall } from '../core/call.ts';
import type { Message, Part } from '../core/chat-request.ts';
import { invalidRequest } from '../core/sluice-error.ts';

export interface Turn {
  role: 'user' | 'assistant' | 'system';
  parts: ChatPart[];
}

export interface AttachedFile {
  name: string;
  mediaType: string;
  content: Uint8Array;
}

/** Where the content of a file of ours is, as messages name it. */
export const fileUrl = (id: string): string => `/api/v1/files/${id}/content`;
export const fileIdOf = (url: string): string | undefined => /^\/api\/v1\/files\/([\w-]+)\/content$/.exec(url)?.[1];

const formats: Record<string, string> = { 'audio/mpeg': 'mp3', 'audio/wav': 'wav', 'audio/x-wav': 'wav' };

/**
 * The call that answers these turns. `fileOf` gives what an attached file holds. Throws `invalid_request` for a file that is not there
 * or that no model reads.
 */
export async function buildCall(
  turns: readonly Turn[],
  { model = 'auto', mode, temperature, maxTokens, system }: ChatSettings,
  instructions: readonly string[],
  fileOf: (id: string) => Promise<AttachedFile | undefined>,
): Promise<ChatCall> {
  const messages: Message[] = [];
  const before = [...instructions, system].filter((text) => text !== undefined && text.trim() !== '').join('\n\n');
  if (before !== '') messages.push({ role: 'system', parts: [{ type: 'text', text: before }] });
  for (const { role, parts } of turns) {
    const sent: Part[] = [];
    for (const part of parts) {
      if (part.type === 'text' && part.text !== '') sent.push({ type: 'text', text: part.text });
      if (part.type === 'file' && role === 'user') sent.push(await filePart(part, fileOf));
    }
    // An answer that was stopped before its first word says nothing, and some providers refuse empty messages.
    if (sent.length > 0) messages.push({ role, parts: sent });
  }
  return {
    operation: 'chat',
    dialect: 'openai-chat',
    model,
    ...(mode && { mode }),
    stream: true,
    passHeaders: {},
    request: {
      dialect: 'openai-chat',
      model,
      messages,
      tools: [],
      stop: [],
      n: 1,
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
      stream: true,
      includeUsage: true,
      extensions: {},
    },
  };
}

async function filePart(
  { url, mediaType, filename }: Extract<ChatPart, { type: 'file' }>,
  fileOf: (id: string) => Promise<AttachedFile | undefined>,
): Promise<Part> {
  const id = fileIdOf(url);
  if (id !== undefined) {
    const file = await fileOf(id);
    if (!file) throw invalidRequest(`The attached file ${JSON.stringify(filename ?? id)} is not there any more.`);
    return partOf(file);
  }
  if (url.startsWith('data:')) {
    const comma = url.indexOf(',');
    const head = url.slice(5, comma);
    const content = head.endsWith(';base64')
      ? Buffer.from(url.slice(comma + 1), 'base64')
      : Buffer.from(decodeURIComponent(url.slice(comma + 1)));
    return partOf({ name: filename ?? 'file', mediaType: head.split(';')[0] || mediaType, content });
  }
  if (/^https?:\/\//i.test(url) && mediaType.startsWith('image/')) {
    return { type: 'image', source: { kind: 'url', url, mediaType } };
  }
  throw invalidRequest('A file is named by its address below /api/v1/files, or holds its content as a data: URL.');
}

/** What a model is given of a file: the file itself where it is a kind that models know, else the words in it. */
export function partOf({ name, mediaType, content }: AttachedFile): Part {
  const source = { kind: 'base64' as const, data: Buffer.from(content).toString('base64'), mediaType };
  if (mediaType.startsWith('image/')) return { type: 'image', source };
  if (mediaType.startsWith('audio/'))
    return { type: 'audio', source, format: formats[mediaType] ?? mediaType.slice(6) };
  if (mediaType === 'application/pdf') return { type: 'document', source, filename: name };
  return { type: 'text', text: `<file name=${JSON.stringify(name)}>\n${new TextDecoder().decode(content)}\n</file>` };
}
