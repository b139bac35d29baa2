import { asArray, isObject, type JsonObject } from '../../core/json.ts';
import { type Attachment, readAttachment } from './attachment.ts';
import { invalid } from './fault.ts';
import { missing, wrongType } from './read-field.ts';

export interface PastCall {
  id: string;
  name: string;
  arguments: string;
}

/** One message. `system` stands for `developer` too, and `tool` for the older `function`. */
export interface Turn {
  role: 'system' | 'user' | 'assistant' | 'tool';
  text: string;
  attachments: Attachment[];
  calls: PastCall[];
  /** Of a tool result: the call that it answers. */
  callId?: string;
  name?: string;
  reasoning?: string;
}

const roles = new Map<string, Turn['role']>(
  Object.entries({
    system: 'system',
    developer: 'system',
    user: 'user',
    assistant: 'assistant',
    tool: 'tool',
    function: 'tool',
  } as const),
);

/** Reads `messages`. A tool result must answer a call of an earlier assistant message, as OpenAI demands. */
export function readMessages(body: JsonObject): Turn[] {
  const { messages } = body;
  if (messages === undefined) throw missing('messages');
  if (!Array.isArray(messages)) throw wrongType('messages', 'an array', messages);
  if (messages.length === 0)
    throw invalid("Invalid 'messages': at least one message is needed.", 'messages', 'empty_array');
  const callIds = new Set<string>();
  return messages.map((message, index) => {
    const turn = readTurn(message, `messages[${index}]`);
    for (const call of turn.calls) callIds.add(call.id);
    if (turn.callId !== undefined && !callIds.has(turn.callId))
      throw invalid(
        `The tool result answers the call '${turn.callId}', which no earlier assistant message makes.`,
        `messages[${index}].tool_call_id`,
      );
    return turn;
  });
}

function readTurn(message: unknown, at: string): Turn {
  if (!isObject(message)) throw wrongType(at, 'an object', message);
  if (message.role === undefined) throw missing(`${at}.role`);
  const role = typeof message.role === 'string' ? roles.get(message.role) : undefined;
  if (!role)
    throw invalid(`Invalid role '${String(message.role)}': use ${[...roles.keys()].join(', ')}.`, `${at}.role`);
  const turn: Turn = { role, text: '', attachments: [], calls: [] };
  if (typeof message.name === 'string') turn.name = message.name;
  if (role === 'assistant') {
    turn.calls = readCalls(message.tool_calls ?? undefined, `${at}.tool_calls`);
    if (typeof message.reasoning_content === 'string') turn.reasoning = message.reasoning_content;
    if (typeof message.refusal === 'string') turn.text = message.refusal;
  }
  if (message.role === 'tool') {
    if (typeof message.tool_call_id !== 'string') throw missing(`${at}.tool_call_id`);
    turn.callId = message.tool_call_id;
  }
  readContent(message.content, `${at}.content`, turn);
  return turn;
}

function readContent(content: unknown, at: string, turn: Turn): void {
  if (typeof content === 'string') {
    turn.text = content;
    return;
  }
  if (content == null) {
    if (turn.role === 'assistant') return;
    throw content === null ? wrongType(at, 'a string or an array of parts', content) : missing(at);
  }
  if (!Array.isArray(content)) throw wrongType(at, 'a string or an array of parts', content);
  const texts: string[] = [];
  for (const [index, part] of content.entries()) readPart(part, `${at}[${index}]`, turn, texts);
  turn.text = texts.join('\n');
}

function readPart(part: unknown, at: string, turn: Turn, texts: string[]): void {
  if (!isObject(part)) throw wrongType(at, 'an object', part);
  switch (part.type) {
    case undefined:
      throw missing(`${at}.type`);
    case 'text':
      if (typeof part.text !== 'string') throw missing(`${at}.text`);
      texts.push(part.text);
      return;
    case 'refusal':
      if (typeof part.refusal === 'string') texts.push(part.refusal);
      return;
    case 'image_url': {
      const image = part.image_url;
      const url = isObject(image) ? image.url : image;
      if (typeof url !== 'string') throw missing(`${at}.image_url.url`);
      if (!/^(https?:|data:)/i.test(url.slice(0, 8)))
        throw invalid('An image is given as an http(s) or data: URL.', `${at}.image_url.url`);
      turn.attachments.push(readAttachment('image', url));
      return;
    }
    case 'input_audio': {
      const audio = part.input_audio;
      if (!isObject(audio) || typeof audio.data !== 'string') throw missing(`${at}.input_audio.data`);
      const format = typeof audio.format === 'string' ? `audio/${audio.format}` : undefined;
      turn.attachments.push(readAttachment('audio', audio.data, format));
      return;
    }
    case 'file': {
      turn.attachments.push(readFile(part.file, `${at}.file`));
      return;
    }
    default:
      throw invalid(
        `Invalid content type '${String(part.type)}': use text, image_url, input_audio, file.`,
        `${at}.type`,
      );
  }
}

function readFile(file: unknown, at: string): Attachment {
  if (!isObject(file)) throw missing(at);
  const filename = typeof file.filename === 'string' ? { filename: file.filename } : {};
  if (typeof file.file_data === 'string') return { ...readAttachment('document', file.file_data), ...filename };
  if (typeof file.file_id === 'string') return { kind: 'document', fileId: file.file_id, ...filename };
  throw missing(`${at}.file_data`);
}

function readCalls(calls: unknown, at: string): PastCall[] {
  if (calls !== undefined && !Array.isArray(calls)) throw wrongType(at, 'an array', calls);
  return asArray(calls).map((call, index) => {
    const called = isObject(call) ? (call.function ?? call.custom) : undefined;
    if (!isObject(call) || typeof call.id !== 'string') throw missing(`${at}[${index}].id`);
    if (!isObject(called) || typeof called.name !== 'string') throw missing(`${at}[${index}].function.name`);
    const text = called.arguments ?? called.input;
    return { id: call.id, name: called.name, arguments: typeof text === 'string' ? text : '' };
  });
}
