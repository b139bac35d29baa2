import type { AnswerFacts } from '../core/call.ts';
import { durationMs } from './retry-after.ts';

const passed = /^(x-ratelimit-|anthropic-ratelimit-|openai-processing-ms$|openai-version$|x-sluice-fidelity$)/;
/** Of the headers that are passed on: most others need no closer look. */
const firstLetters = 'xao';
const openAiLimit = /^x-ratelimit-(limit|remaining|reset)-(requests|tokens)$/;
const anthropicLimit = /^anthropic-ratelimit-(requests|tokens)-(limit|remaining|reset)$/;

/**
 * Keeps what a provider's headers say for the caller: its limits, in the names and forms of both families of SDKs (OpenAI
 * writes a reset as a duration, Anthropic as a time), its request id, and what an in-process bridge could not carry.
 */
export function keepHeaders(headers: Headers, facts: AnswerFacts, nowMs: () => number = Date.now): void {
  const kept: Record<string, string> = {};
  headers.forEach((value, name) => {
    if (!firstLetters.includes(name[0]!) || !passed.test(name)) return;
    kept[name] = value;
    const ours = openAiLimit.exec(name);
    const theirs = ours ? null : anthropicLimit.exec(name);
    if (ours)
      kept[`anthropic-ratelimit-${ours[2]}-${ours[1]}`] ??= ours[1] === 'reset' ? asTime(value, nowMs()) : value;
    else if (theirs)
      kept[`x-ratelimit-${theirs[2]}-${theirs[1]}`] ??= theirs[2] === 'reset' ? asDuration(value, nowMs()) : value;
  });
  facts.passHeaders = kept;
  facts.upstreamRequestId =
    headers.get('x-request-id') ?? headers.get('request-id') ?? headers.get('x-amzn-requestid') ?? undefined;
  const lost = headers.get('x-sluice-loss');
  if (lost === null) return;
  for (const [, field, reason] of lost.matchAll(/([^(),][^()]*?) \(([^)]*)\)/g)) {
    facts.losses.push({ field: field!.trim(), reason: reason! });
  }
}

function asTime(reset: string, nowMs: number): string {
  const ms = durationMs(reset, nowMs);
  return ms === undefined ? reset : new Date(nowMs + ms).toISOString();
}

function asDuration(reset: string, nowMs: number): string {
  const ms = durationMs(reset, nowMs);
  return ms === undefined ? reset : `${Math.ceil(ms / 1000)}s`;
}
