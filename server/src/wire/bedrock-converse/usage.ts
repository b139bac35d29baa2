import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';

/**
 * Converse's `usage` as our buckets. `inputTokens` excludes what was read from or written to the cache; `cacheDetails`
 * splits the writes by life. Only the buckets that were given are set.
 */
export function readUsage(usage: JsonObject): Partial<Usage> {
  const found: Partial<Usage> = {};
  const input = asNumber(usage.inputTokens);
  const output = asNumber(usage.outputTokens);
  const read = asNumber(usage.cacheReadInputTokens) ?? asNumber(usage.cacheReadInputTokenCount);
  const written = asNumber(usage.cacheWriteInputTokens) ?? asNumber(usage.cacheWriteInputTokenCount);
  if (input !== undefined) found.input = input;
  if (output !== undefined) found.output = output;
  if (read !== undefined) found.cacheRead = read;
  let long = 0;
  let short = 0;
  for (const entry of asArray(usage.cacheDetails)) {
    const detail = asObject(entry);
    const tokens = asNumber(detail?.inputTokens) ?? 0;
    if (asString(detail?.ttl) === '1h') long += tokens;
    else short += tokens;
  }
  if (written !== undefined || long + short > 0) {
    found.cacheWrite1h = long;
    found.cacheWrite = written === undefined ? short : Math.max(0, written - long);
  }
  return found;
}
