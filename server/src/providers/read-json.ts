import type { CallContext } from '../core/call.ts';
import type { ChatEvent } from '../core/chat-event.ts';
import type { AnswerWire, Frame } from '../core/frame.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { noUsage } from '../core/usage.ts';
import type { OutboundWire } from '../wire/wire.ts';
import type { OpenAnswer } from './fetch-answer.ts';

const utf8 = new TextDecoder();

/** The body of a JSON answer, parsed. Throws `upstream_invalid_answer` when it is not JSON or longer than 64 MiB. */
export async function readJson(answer: OpenAnswer): Promise<{ bytes: Uint8Array; value: unknown }> {
  try {
    const bytes = await answer.all();
    return { bytes, value: JSON.parse(utf8.decode(bytes)) };
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    throw new SluiceError('upstream_invalid_answer', 'The provider answered with broken JSON.', { cause });
  } finally {
    answer.close();
  }
}

/** A whole chat answer as one frame; its usage goes to the context's facts. An error inside a 200 is thrown. */
export async function readJsonAnswer(wire: OutboundWire, answer: OpenAnswer, { facts }: CallContext): Promise<Frame> {
  const { bytes, value } = await readJson(answer);
  const glance = wire.glanceAnswer(value);
  if (glance.error) throw glance.error;
  if (glance.finish !== undefined) facts.finish = glance.finish;
  const frame = new JsonFrame(wire.name, bytes, () => wire.parseAnswer(value));
  if (glance.usage) {
    facts.usage = { ...noUsage, ...glance.usage };
  }
  return frame;
}

export class JsonFrame implements Frame {
  #events: ChatEvent[] | undefined;

  constructor(
    readonly wire: AnswerWire,
    readonly bytes: Uint8Array,
    private readonly decode: () => ChatEvent[],
  ) {}

  events(): ChatEvent[] {
    this.#events ??= this.decode();
    return this.#events;
  }
}
