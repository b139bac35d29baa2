import { asNumber, asObject, type JsonObject } from '../../core/json.ts';
import { type Usage, usageOf } from '../../core/usage.ts';

/**
 * The figures of one answer. message_start gives the input, message_delta the output and sometimes the input again,
 * corrected: each figure overwrites the one before it, nothing is added. `input_tokens` excludes cached tokens.
 */
export class UsageFigures {
  #input = 0;
  #cacheRead = 0;
  #cacheWritten = 0;
  #written1h = 0;
  #output = 0;
  #thinking = 0;
  #given = false;

  /** Takes what `value` holds; absent and null figures leave the earlier ones standing. */
  set(value: unknown): void {
    const usage = asObject(value);
    if (!usage) return;
    this.#input = asNumber(usage.input_tokens) ?? this.#input;
    this.#cacheRead = asNumber(usage.cache_read_input_tokens) ?? this.#cacheRead;
    this.#output = asNumber(usage.output_tokens) ?? this.#output;
    this.#thinking = asNumber(asObject(usage.output_tokens_details)?.thinking_tokens) ?? this.#thinking;
    const written = readWritten(usage);
    if (written.total !== undefined) this.#cacheWritten = written.total;
    if (written.life1h !== undefined) this.#written1h = written.life1h;
    this.#given ||= asNumber(usage.input_tokens) !== undefined || asNumber(usage.output_tokens) !== undefined;
  }

  /** Undefined until a figure was given: an imitator's silence is not an answer that cost nothing. */
  get usage(): Usage | undefined {
    if (!this.#given) return undefined;
    // message_delta gives only the total of cache writes; how much of it lives an hour was said in message_start.
    const cacheWrite1h = Math.min(this.#written1h, this.#cacheWritten);
    return usageOf({
      input: this.#input,
      cacheRead: this.#cacheRead,
      cacheWrite: this.#cacheWritten - cacheWrite1h,
      cacheWrite1h,
      output: this.#output,
      reasoning: this.#thinking,
    });
  }
}

/** Only the buckets that this one event gives. A total of cache writes without its split is left out when `partial`. */
export function glanceUsage(value: unknown, partial: boolean): Partial<Usage> | undefined {
  const usage = asObject(value);
  if (!usage) return undefined;
  const found: Partial<Usage> = {};
  const input = asNumber(usage.input_tokens);
  const cacheRead = asNumber(usage.cache_read_input_tokens);
  const output = asNumber(usage.output_tokens);
  const reasoning = asNumber(asObject(usage.output_tokens_details)?.thinking_tokens);
  const { total, life1h } = readWritten(usage);
  if (input !== undefined) found.input = input;
  if (cacheRead !== undefined) found.cacheRead = cacheRead;
  if (output !== undefined) found.output = output;
  if (reasoning !== undefined) found.reasoning = reasoning;
  // Without the split, an overwrite would count the hour-long writes of message_start a second time.
  if (total !== undefined && (life1h !== undefined || !partial)) {
    found.cacheWrite = total - (life1h ?? 0);
    found.cacheWrite1h = life1h ?? 0;
  }
  return found;
}

/** Our usage as Anthropic's `usage` object of a whole message. Audio has no bucket there and is counted with the rest. */
export function buildUsage(usage: Usage, serviceTier: string | undefined): JsonObject {
  return {
    ...buildDeltaUsage(usage),
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWrite,
      ephemeral_1h_input_tokens: usage.cacheWrite1h,
    },
    server_tool_use: null,
    service_tier:
      serviceTier === 'standard' || serviceTier === 'priority' || serviceTier === 'batch' ? serviceTier : null,
  };
}

/** The `usage` object of message_delta: cumulative, the input included. */
export function buildDeltaUsage(usage: Usage): JsonObject {
  return {
    input_tokens: usage.input + usage.audioInput,
    cache_creation_input_tokens: usage.cacheWrite + usage.cacheWrite1h,
    cache_read_input_tokens: usage.cacheRead,
    output_tokens: usage.output + usage.audioOutput,
    output_tokens_details: usage.reasoning > 0 ? { thinking_tokens: usage.reasoning } : null,
  };
}

function readWritten(usage: JsonObject): { total?: number; life1h?: number } {
  const split = asObject(usage.cache_creation);
  const life5m = asNumber(split?.ephemeral_5m_input_tokens);
  const life1h = asNumber(split?.ephemeral_1h_input_tokens);
  const total = asNumber(usage.cache_creation_input_tokens) ?? (split ? (life5m ?? 0) + (life1h ?? 0) : undefined);
  // A split that exceeds its total is nonsense; the total is what is billed.
  return { total, life1h: life1h === undefined || total === undefined ? life1h : Math.min(life1h, total) };
}
