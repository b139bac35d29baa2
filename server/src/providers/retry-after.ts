/**
 * How long a provider asks us to wait, in milliseconds, from its answer's headers: `retry-after-ms`, `retry-after` (seconds
 * or an HTTP date), or the reset of a limit that has nothing left (OpenAI's `6m0s` form, Anthropic's RFC 3339 form).
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  // An empty header is none: Number('') would be 0.
  const exact = Number(headers.get('retry-after-ms') || Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const retryAfter = headers.get('retry-after');
  if (retryAfter) {
    const seconds = Number(retryAfter);
    if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
    const date = Date.parse(retryAfter);
    if (Number.isFinite(date)) return Math.max(0, date - nowMs);
  }
  let wait: number | undefined;
  for (const [name, value] of headers) {
    const limit = /^(x-ratelimit|anthropic-ratelimit)-(?:(.+)-)?(remaining)(?:-(.+))?$/.exec(name);
    if (!limit || Number(value) !== 0) continue;
    const [, family, before, , after] = limit;
    const reset = headers.get(
      after ? `${family}-reset-${after}` : before ? `${family}-${before}-reset` : `${family}-reset`,
    );
    const resetMs = reset === null ? undefined : durationMs(reset, nowMs);
    if (resetMs !== undefined) wait = Math.max(wait ?? 0, resetMs);
  }
  return wait;
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `6m0s`, `1.5s`, `250ms`, `12` (seconds), epoch seconds or milliseconds, or a date. */
export function durationMs(text: string, nowMs: number): number | undefined {
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    let total = 0;
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
      total += Number(amount) * unitMs[unit!]!;
    return total;
  }
  const number = Number(text);
  if (Number.isFinite(number)) {
    if (number > 1e12) return Math.max(0, number - nowMs);
    if (number > 1e9) return Math.max(0, number * 1000 - nowMs);
    return number * 1000;
  }
  const date = Date.parse(text);
  return Number.isFinite(date) ? Math.max(0, date - nowMs) : undefined;
}
