import { type ChatAnswer, collectAnswer } from '../../src/core/chat-answer.ts';
import type { ChatEvent } from '../../src/core/chat-event.ts';
import type { ChatRequest } from '../../src/core/chat-request.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Loss } from '../../src/core/loss.ts';
import { SluiceError } from '../../src/core/sluice-error.ts';
import type { Dialect, WireName } from '../../src/core/wire-name.ts';
import { anthropicMessagesInbound, anthropicMessagesOutbound } from '../../src/wire/anthropic-messages/index.ts';
import { createAwsEventStreamDecoder } from '../../src/wire/aws-event-stream.ts';
import { bedrockConverseOutbound } from '../../src/wire/bedrock-converse/index.ts';
import { geminiInbound, geminiOutbound } from '../../src/wire/gemini/index.ts';
import { openaiChatInbound, openaiChatOutbound } from '../../src/wire/openai-chat/index.ts';
import { openaiResponsesInbound, openaiResponsesOutbound } from '../../src/wire/openai-responses/index.ts';
import { parseSseEvents } from '../../src/wire/sse.ts';
import type { AnswerContext, InboundWire, OutboundWire, WireEvent } from '../../src/wire/wire.ts';
import { type Framing, frameEvents } from '../replayer/frame-events.ts';
import { ownRecordings, type Recording, recordingsBeside } from '../replayer/recording.ts';

export const outbound: Record<WireName, OutboundWire> = {
  'openai-chat': openaiChatOutbound,
  'openai-responses': openaiResponsesOutbound,
  'anthropic-messages': anthropicMessagesOutbound,
  gemini: geminiOutbound,
  'bedrock-converse': bedrockConverseOutbound,
};

export const inbound: Record<Dialect, InboundWire> = {
  'openai-chat': openaiChatInbound,
  'openai-responses': openaiResponsesInbound,
  'anthropic-messages': anthropicMessagesInbound,
  gemini: geminiInbound,
};

/** Everything that was recorded of answers: bodies of HTTP errors and of other operations are not among them. */
export const recordedAnswers: Recording[] = [...ownRecordings(), ...recordingsBeside()].filter(
  ({ name }) => !/http-|-429-|transcription|openai-error\.1$/.test(name),
);

/** Bodies of errors with the status they came with, which stands in the name. */
export const recordedErrors: { recording: Recording; status: number }[] = ownRecordings().flatMap((recording) => {
  const status = /http-(?:error-)?(\d{3})/.exec(recording.name)?.[1];
  return status ? [{ recording, status: Number(status) }] : [];
});

/** What a reading came to: an answer, or what was said before an error and the error. */
export interface Reading {
  events: ChatEvent[];
  answer: ChatAnswer;
  error?: SluiceError;
}

export const jsonOf = ({ body, name }: Recording): unknown => {
  if (!body) throw new Error(`${name} has no body.`);
  return JSON.parse(Buffer.from(body).toString('utf8'));
};

/** A whole JSON answer, read as a provider's. */
export function readWhole(wire: WireName, body: unknown): Reading {
  try {
    return readingOf(outbound[wire].parseAnswer(body));
  } catch (error) {
    if (error instanceof SluiceError) return { ...readingOf([]), error };
    throw error;
  }
}

/** A stream, read as a provider's. */
export function readStream(wire: WireName, events: readonly WireEvent[]): Reading {
  const parser = outbound[wire].createStreamParser();
  return readingOf([...events.flatMap((event) => parser.parse(event)), ...parser.finish()]);
}

function readingOf(events: ChatEvent[]): Reading {
  const failed = events.findIndex(({ type }) => type === 'error');
  const said = failed === -1 ? events : events.slice(0, failed);
  const failure = events[failed];
  return { events, answer: collectAnswer(said), ...(failure?.type === 'error' && { error: failure.error }) };
}

/** The events of a recorded stream as they come out of its framing. */
export function wireEventsOf({ wire, events = [] }: Recording, framing?: Framing): WireEvent[] {
  const bytes = Buffer.concat(frameEvents(wire, events, framing));
  return wire === 'bedrock-converse'
    ? createAwsEventStreamDecoder().push(bytes)
    : parseSseEvents(bytes.toString('utf8'));
}

export function writeWhole(dialect: Dialect, answer: ChatAnswer): { body: JsonObject; losses: Loss[] } {
  const context = answerContext(dialect, answer.choices.length);
  const body = inbound[dialect].buildAnswer(answer, context);
  // What leaves is text: an undefined field or a shared object would not survive.
  return { body: JSON.parse(JSON.stringify(body)), losses: context.losses };
}

export function writeStream(dialect: Dialect, events: readonly ChatEvent[]): { text: string; losses: Loss[] } {
  const choices = new Set(events.map((event) => ('choice' in event ? event.choice : 0)));
  const context = answerContext(dialect, choices.size);
  const builder = inbound[dialect].createStreamBuilder(context);
  let text = '';
  for (const event of events) text += builder.build(event);
  return { text: text + builder.finish(), losses: context.losses };
}

function answerContext(dialect: Dialect, n: number): AnswerContext {
  const request: ChatRequest = {
    dialect,
    model: 'asked/for',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
    tools: [],
    stop: [],
    n,
    stream: false,
    includeUsage: true,
    extensions: {},
  };
  let made = 0;
  return {
    requestId: 'req_conformance',
    request,
    model: 'asked/for',
    nowSeconds: 1_780_000_000,
    newId: (prefix) => `${prefix}made${++made}`,
    losses: [],
  };
}
