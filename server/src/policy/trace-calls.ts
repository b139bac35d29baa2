import type { ChatCall } from '../core/call.ts';
import type { CallTrace } from '../core/call-trace.ts';
import { collectAnswer } from '../core/chat-answer.ts';
import type { Frame, Frames } from '../core/frame.ts';
import type { Policy } from './pipeline.ts';

/** Gives a trace to calls that did not come over HTTP and so have none yet. */
export const traceCalls = ({ begin }: { begin(): CallTrace | undefined }): Policy =>
  function traceCalls(call, context, next) {
    context.trace ??= begin();
    return next(call, context);
  };

/** Of one text, and of all messages together, in UTF-16 units: collectors refuse attributes that are much longer. */
const longestText = 8_192;
const longestContent = 65_536;

/** Keeps what a provider is asked and answers, for operators who want it in their traces. Stands inside of guardrails, so that masks hold. */
export const traceContent = ({ wanted }: { wanted(): boolean }): Policy =>
  function traceContent(call, context, next) {
    const { trace } = context;
    if (!trace?.sampled || call.operation !== 'chat' || !wanted()) return next(call, context);
    return keep(next(call, context), call, trace);
  };

async function* keep(frames: Frames, call: ChatCall, trace: CallTrace): Frames {
  const content: CallTrace['contents'][number] = { input: lastOf(messagesOf(call)) };
  const seen: Frame[] = [];
  try {
    for await (const frame of frames) {
      seen.push(frame);
      yield frame;
    }
  } finally {
    const attempt = trace.attempts.at(-1)?.spanId;
    trace.contents.push({ ...content, ...(attempt !== undefined && { attempt }), ...outputOf(seen) });
  }
}

const messagesOf = ({ request }: ChatCall) =>
  request.messages.map(({ role, parts }) => ({ role, parts: parts.flatMap(partOf) }));

/** As many of the last messages as there is room for, as JSON. */
function lastOf(messages: readonly object[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const message of messages.toReversed()) {
    const text = JSON.stringify(message);
    length += text.length;
    if (length > longestContent && kept.length > 0) break;
    kept.unshift(text);
  }
  return `[${kept.join(',')}]`;
}

const cut = (text: unknown): unknown =>
  typeof text === 'string' && text.length > longestText ? `${text.slice(0, longestText)}…` : text;

/** Words and tools; media are named, not copied. */
function partOf(part: { type: string } & Record<string, unknown>): object[] {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return [{ type: part.type, content: cut(part.text) }];
    case 'tool-call':
      return [{ type: 'tool_call', id: part.id, name: part.name, arguments: cut(part.arguments) }];
    case 'tool-result':
      return [{ type: 'tool_call_response', id: part.callId }];
    default:
      return [{ type: part.type }];
  }
}

function outputOf(frames: readonly Frame[]): { output?: string } {
  try {
    const { choices } = collectAnswer(frames.flatMap((frame) => frame.events()));
    const messages = choices.map(({ parts, finish }) => ({
      role: 'assistant',
      parts: parts.flatMap((part) => partOf(part as never)),
      finish_reason: finish?.reason ?? 'error',
    }));
    return { output: lastOf(messages) };
  } catch {
    return {};
  }
}
