/** A call of an export, as far as it says what was used. */
export interface ExportedCall {
  request_id: string;
  /** ISO time. */
  at: string;
  operation: string;
  model_used: string | null;
  input_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  output_tokens: number;
  /** US dollars as a decimal string; null: unpriced. */
  cost_usd: string | null;
}

/** US dollars per million tokens. */
export interface Price {
  input?: number;
  output?: number;
}

/** Who answers a call; undefined: whoever did. */
export type Policy = (call: ExportedCall) => string | undefined;

export interface Sum {
  calls: number;
  /** Nano-dollars of the calls that are priced both as they were and as they would have been. */
  wasNanos: number;
  wouldNanos: number;
  /** Calls that are not in the sums, since one of the two prices is unknown. */
  unpriced: number;
}

export interface Replayed {
  total: Sum;
  /** By day, UTC. */
  days: [day: string, sum: Sum][];
  /** How many calls each model would have answered. */
  models: [model: string, calls: number][];
}

/**
 * What the calls would have cost, had the policy chosen: the same tokens at the other model's list price. Another model would have written
 * more or less, and a warm prompt cache does not follow a call to another model: cached tokens are read as new ones there.
 */
export function priceCalls(
  calls: readonly ExportedCall[],
  policy: Policy,
  priceOf: (model: string) => Price | undefined,
): Replayed {
  const total = nothing();
  const days = new Map<string, Sum>();
  const models = new Map<string, number>();
  for (const call of calls) {
    const chosen = policy(call);
    const was = call.cost_usd === null ? undefined : nanosOf(call.cost_usd);
    const stays = chosen === undefined || chosen === call.model_used;
    const price = stays ? undefined : priceOf(chosen);
    const would = stays ? was : price && costNanos(call, price);
    const day = call.at.slice(0, 10);
    const sum = days.get(day) ?? nothing();
    days.set(day, sum);
    for (const each of [total, sum]) add(each, was, would);
    const answering = chosen ?? call.model_used ?? 'nobody';
    models.set(answering, (models.get(answering) ?? 0) + 1);
  }
  return {
    total,
    days: [...days].sort(([a], [b]) => a.localeCompare(b)),
    models: [...models].sort(([, a], [, b]) => b - a),
  };
}

/** The call's tokens at a list price, in whole nano-dollars; undefined when a price that is needed is unknown. */
export function costNanos(call: ExportedCall, { input, output }: Price): number | undefined {
  const { input_tokens, cache_read_tokens, cache_write_tokens, output_tokens } = call;
  const read = input_tokens + cache_read_tokens + cache_write_tokens;
  if ((read > 0 && input === undefined) || (output_tokens > 0 && output === undefined)) return undefined;
  // A dollar per million tokens is a thousand nano-dollars a token.
  return Math.round(read * (input ?? 0) * 1000) + Math.round(output_tokens * (output ?? 0) * 1000);
}

/** A decimal of dollars as whole nano-dollars, without a binary fraction in between. */
export function nanosOf(usd: string): number {
  const [whole = '0', fraction = ''] = usd.replace('-', '').split('.');
  const nanos = Number(whole) * 1e9 + Number(fraction.padEnd(9, '0').slice(0, 9));
  return usd.startsWith('-') ? -nanos : nanos;
}

const nothing = (): Sum => ({ calls: 0, wasNanos: 0, wouldNanos: 0, unpriced: 0 });

function add(sum: Sum, was: number | undefined, would: number | undefined): void {
  sum.calls++;
  if (was === undefined || would === undefined) sum.unpriced++;
  else {
    sum.wasNanos += was;
    sum.wouldNanos += would;
  }
}
