import { asNumber, asObject, type JsonObject } from '../../core/json.ts';
import { totalInput, totalOutput, type Usage } from '../../core/usage.ts';

/**
 * A `usage` object of any Chat Completions server as disjoint buckets, or undefined when it holds no figures. OpenAI's
 * `prompt_tokens` includes what was cached and heard, so those are taken out of it; the sum stays the provider's own.
 */
export function readUsage(value: unknown): Usage | undefined {
  const usage = asObject(value);
  if (!usage) return undefined;
  const prompt = asNumber(usage.prompt_tokens);
  const completion = asNumber(usage.completion_tokens);
  const total = asNumber(usage.total_tokens);
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;

  const promptDetails = asObject(usage.prompt_tokens_details) ?? {};
  let left = prompt ?? 0;
  const take = (tokens: number | undefined): number => {
    const taken = Math.max(0, Math.min(tokens ?? 0, left));
    left -= taken;
    return taken;
  };
  // DeepSeek and Moonshot give the cached tokens beside the total, LiteLLM the written ones.
  const cacheRead = take(
    asNumber(promptDetails.cached_tokens) ?? asNumber(usage.prompt_cache_hit_tokens) ?? asNumber(usage.cached_tokens),
  );
  const cacheWrite = take(
    asNumber(promptDetails.cache_write_tokens) ??
      asNumber(promptDetails.cache_creation_tokens) ??
      asNumber(usage.cache_creation_input_tokens),
  );
  const audioInput = take(asNumber(promptDetails.audio_tokens));

  const details = asObject(usage.completion_tokens_details) ?? {};
  // xAI and Gemini's compatible endpoint count thinking only in the total.
  const uncounted = prompt === undefined ? 0 : Math.max(0, (total ?? 0) - prompt - (completion ?? 0));
  const output = (completion ?? 0) + uncounted;
  const audioOutput = Math.min(Math.max(0, asNumber(details.audio_tokens) ?? 0), output);
  const thought = asNumber(details.reasoning_tokens) ?? asNumber(usage.reasoning_tokens) ?? 0;
  const read: Usage = {
    input: left,
    cacheRead,
    cacheWrite,
    cacheWrite1h: 0,
    audioInput,
    output: output - audioOutput,
    reasoning: Math.min(Math.max(thought, uncounted), output - audioOutput),
    audioOutput,
  };
  const cost = reportedCost(usage);
  if (cost !== undefined) read.reportedCostUsd = cost;
  return read;
}

/** Usage in OpenAI's own shape: `prompt_tokens` with everything of the prompt in it. */
export function writeUsage(usage: Usage): JsonObject {
  const prompt = totalInput(usage);
  const completion = totalOutput(usage);
  const written = usage.cacheWrite + usage.cacheWrite1h;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      audio_tokens: usage.audioInput,
      ...(written > 0 && { cache_write_tokens: written }),
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoning, audio_tokens: usage.audioOutput },
  };
}

function reportedCost(usage: JsonObject): number | undefined {
  // Perplexity itemises; OpenRouter gives one figure.
  const cost = asNumber(usage.cost) ?? asNumber(asObject(usage.cost)?.total_cost);
  if (cost === undefined || cost < 0) return undefined;
  // With the operator's own provider key behind OpenRouter, `cost` is only OpenRouter's fee.
  const upstream = usage.is_byok === true ? asNumber(asObject(usage.cost_details)?.upstream_inference_cost) : undefined;
  return cost + (upstream ?? 0);
}
