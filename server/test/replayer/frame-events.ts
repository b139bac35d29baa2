import type { WireName } from '../../src/core/wire-name.ts';
import { encodeAwsEvent } from '../../src/wire/aws-event-stream.ts';

/** How a stream is written down; every default is what the provider itself does. */
export interface Framing {
  lineEnd?: '\n' | '\r\n' | '\r';
  /** A comment before the first event and after each. */
  comments?: boolean;
  /** OpenAI's `[DONE]` at the end; only its Chat wire has one. */
  done?: boolean;
  /** False: the last event is not followed by a blank line. */
  lastBlankLine?: boolean;
}

/** The bytes of each event of a stream, in order. */
export function frameEvents(wire: WireName, events: readonly string[], framing: Framing = {}): Uint8Array[] {
  if (wire === 'bedrock-converse') return events.map((data) => encodeAwsEvent({ data }));
  const { lineEnd = '\n', comments = false, done = wire === 'openai-chat', lastBlankLine = true } = framing;
  const all = done ? [...events, '[DONE]'] : events;
  const comment = comments ? `: still here${lineEnd}${lineEnd}` : '';
  return all.map((data, index) => {
    const type = eventType(wire, data);
    const lines = [
      ...(type === undefined ? [] : [`event: ${type}`]),
      ...data.split('\n').map((line) => `data: ${line}`),
    ];
    const isLast = index === all.length - 1;
    const end = isLast && !lastBlankLine ? '' : `${lineEnd}${lineEnd}${comment}`;
    return Buffer.from((index === 0 ? comment : '') + lines.join(lineEnd) + end);
  });
}

export const streamContentType = (wire: WireName): string =>
  wire === 'bedrock-converse' ? 'application/vnd.amazon.eventstream' : 'text/event-stream; charset=utf-8';

/** Anthropic and the Responses API name each event after the type in its data. */
function eventType(wire: WireName, data: string): string | undefined {
  if (wire !== 'anthropic-messages' && wire !== 'openai-responses') return undefined;
  return /"type":\s*"([^"]+)"/.exec(data)?.[1];
}
