import { asNumber, asObject, type JsonObject } from '../../core/json.ts';
import { totalInput, totalOutput, totalTokens, type Usage, usageOf } from '../../core/usage.ts';

/** The `usage` object of a Response as disjoint buckets; undefined when there is none. */
export function parseUsage(value: unknown): Usage | undefined {
  const usage = asObject(value);
  if (!usage) return undefined;
  const inputDetails = asObject(usage.input_tokens_details);
  const cacheRead = asNumber(inputDetails?.cached_tokens) ?? 0;
  const cacheWrite = asNumber(inputDetails?.cache_write_tokens) ?? 0;
  return usageOf({
    // OpenAI's input_tokens counts the cached ones too.
    input: Math.max(0, (asNumber(usage.input_tokens) ?? 0) - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: asNumber(usage.output_tokens) ?? 0,
    reasoning: asNumber(asObject(usage.output_tokens_details)?.reasoning_tokens) ?? 0,
  });
}

export function buildUsage(usage: Usage): JsonObject {
  return {
    input_tokens: totalInput(usage),
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite + usage.cacheWrite1h,
    },
    output_tokens: totalOutput(usage),
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: totalTokens(usage),
  };
}
