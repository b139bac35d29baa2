import type { Dialect } from '../traffic.ts';
import type { Received } from './response-reader.ts';

/** An answer that is not what the mock said: what was wrong and how the answer began. */
export class WrongAnswer extends Error {}

/**
 * Checks a whole answer: status 200, the exact text, and for a stream the dialect's own end.
 * Throws WrongAnswer with the beginning of the body.
 */
export function checkWhole(received: Received, dialect: Dialect, stream: boolean, reply: string): void {
  const body = received.body ?? '';
  if (received.status !== 200) throw new WrongAnswer(`status ${received.status}: ${body.slice(0, 400)}`);
  const text = stream ? streamText(body, dialect) : jsonText(body, dialect);
  if (text !== reply) {
    throw new WrongAnswer(`text of ${text.length} characters, not the mock's ${reply.length}: ${body.slice(0, 400)}`);
  }
  if (stream) checkEnd(received, dialect);
}

/**
 * Checks an answer by status, end and size: within 2% of one that was checked whole, because identifiers and times
 * that a gateway writes may differ in length. Throws WrongAnswer.
 */
export function checkBriefly(received: Received, dialect: Dialect, stream: boolean, expectedBytes: number): void {
  if (received.status !== 200) throw new WrongAnswer(`status ${received.status}: ${received.tail}`);
  if (Math.abs(received.bytes - expectedBytes) > expectedBytes * 0.02) {
    throw new WrongAnswer(`${received.bytes} bytes where ${expectedBytes} were right, ending in ${received.tail}`);
  }
  if (stream) checkEnd(received, dialect);
}

/** Checks that a request was turned away for its key: 401, or 429 where too many such were seen. Throws WrongAnswer. */
export function checkRefused({ status, body, tail }: Received): void {
  if (status !== 401 && status !== 429) {
    throw new WrongAnswer(`status ${status} where 401 was right: ${(body ?? tail).slice(0, 400)}`);
  }
}

function checkEnd({ tail }: Received, dialect: Dialect): void {
  const end = dialect === 'openai' ? 'data: [DONE]' : '"message_stop"';
  if (!tail.includes(end)) throw new WrongAnswer(`stream without ${end}, ending in ${tail}`);
}

interface OpenaiChoices {
  choices?: { message?: { content?: string }; delta?: { content?: string | null } }[];
}
interface AnthropicEvent {
  content?: { text?: string }[];
  delta?: { type?: string; text?: string };
}

function jsonText(body: string, dialect: Dialect): string {
  const answer: OpenaiChoices & AnthropicEvent = parse(body);
  return (dialect === 'openai' ? answer.choices?.[0]?.message?.content : answer.content?.[0]?.text) ?? '';
}

function streamText(body: string, dialect: Dialect): string {
  let text = '';
  for (const line of body.split('\n')) {
    const data = line.startsWith('data:') ? line.slice(5).trim() : '';
    if (data === '' || data === '[DONE]') continue;
    const event: OpenaiChoices & AnthropicEvent = parse(data);
    text += (dialect === 'openai' ? event.choices?.[0]?.delta?.content : event.delta?.text) ?? '';
  }
  return text;
}

function parse(json: string): OpenaiChoices & AnthropicEvent {
  try {
    return JSON.parse(json);
  } catch {
    throw new WrongAnswer(`not JSON: ${json.slice(0, 400)}`);
  }
}
