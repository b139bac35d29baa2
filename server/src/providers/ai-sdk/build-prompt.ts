import type { ChatRequest, MediaSource, Message, Part, ToolResultPart } from '../../core/chat-request.ts';
import { type JsonObject, tryParseJson } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import type { SdkVersion } from './sdk-types.ts';

interface Building {
  version: SdkVersion;
  losses: Loss[];
  /** Names of the calls so far: a result must name its tool, which OpenAI's dialect does not. */
  toolNames: Map<string, string>;
}

/** The conversation as the AI SDK's prompt. Thinking is not replayed: each package keeps signatures in a place of its own. */
export function buildPrompt({ messages }: ChatRequest, version: SdkVersion, losses: Loss[]): JsonObject[] {
  const state: Building = { version, losses, toolNames: new Map() };
  const prompt: JsonObject[] = [];
  for (const message of messages) {
    const built = buildMessage(state, message);
    if (!built) continue;
    const last = prompt.at(-1);
    if (built.role === 'tool' && last?.role === 'tool') {
      last.content = [...(last.content as unknown[]), ...(built.content as unknown[])];
    } else prompt.push(built);
  }
  return prompt;
}

function buildMessage(state: Building, { role, name, parts }: Message): JsonObject | undefined {
  if (name !== undefined) lose(state, 'messages[].name', 'the AI SDK has no names');
  if (role === 'system' || role === 'developer') {
    const content = parts.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
    return content.trim() === '' ? undefined : { role: 'system', content };
  }
  const content = parts.flatMap((part) => buildPart(state, part, role));
  return content.length === 0 ? undefined : { role, content };
}

function buildPart(state: Building, part: Part, role: Message['role']): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      if (part.type === 'text' && part.cache) lose(state, 'cache_control', 'the AI SDK has no common place for it');
      return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }];
    case 'image':
      return [file(part.source, 'image/*')];
    case 'audio':
      return [file(part.source, `audio/${part.format ?? '*'}`)];
    case 'video':
      return [file(part.source, 'video/*')];
    case 'document':
      return [
        { ...file(part.source, 'application/pdf'), ...(part.filename !== undefined && { filename: part.filename }) },
      ];
    case 'tool-call':
      state.toolNames.set(part.id, part.name);
      return [{ type: 'tool-call', toolCallId: part.id, toolName: part.name, input: input(part.arguments) }];
    case 'tool-result':
      if (role === 'tool') return [toolResult(state, part)];
      lose(state, 'messages[].content', `no tool result in a ${role} message`);
      return [];
    case 'reasoning':
      lose(state, 'thinking signature', 'thinking is not replayed through the AI SDK');
      return [];
    case 'opaque':
      lose(state, part.what, `only ${part.wire} carries it`);
      return [];
  }
}

/** What is not JSON goes as it is: packages that need an object say so themselves. */
const input = (text: string): unknown => (text.trim() === '' ? {} : (tryParseJson(text) ?? text));

function file(source: MediaSource, fallback: string): JsonObject {
  if (source.kind === 'base64') return { type: 'file', mediaType: source.mediaType, data: source.data };
  if (source.kind === 'url')
    return { type: 'file', mediaType: source.mediaType ?? fallback, data: new URL(source.url) };
  throw new SluiceError('unsupported_capability', 'File ids mean nothing through the AI SDK. Send the bytes.', {
    param: 'messages',
  });
}

function toolResult(state: Building, { callId, name, parts, isError }: ToolResultPart): JsonObject {
  const text = parts.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
  const media = parts.filter((part) => part.type !== 'text');
  const output =
    isError === true
      ? { type: 'error-text', value: text }
      : media.length === 0
        ? { type: 'text', value: text }
        : { type: 'content', value: parts.flatMap((part) => resultPart(state, part)) };
  const toolName = name ?? state.toolNames.get(callId) ?? 'unknown_tool';
  return { type: 'tool-result', toolCallId: callId, toolName, output };
}

function resultPart(state: Building, part: ToolResultPart['parts'][number]): JsonObject[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.source.kind !== 'base64') {
    lose(state, 'tool_result media', 'only bytes go into a tool result');
    return [];
  }
  const { data, mediaType } = part.source;
  if (state.version === 'v2') return [{ type: 'media', data, mediaType }];
  return [{ type: part.type === 'image' ? 'image-data' : 'file-data', data, mediaType }];
}

function lose({ losses }: Building, field: string, reason: string): void {
  if (!losses.some((loss) => loss.field === field)) losses.push({ field, reason });
}
