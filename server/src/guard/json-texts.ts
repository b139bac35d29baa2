import { isObject } from '../core/json.ts';

/** Fields that hold no words but ids, kinds, and what only a provider can read. */
const skipped = new Set([
  'id',
  'type',
  'tool_use_id',
  'call_id',
  'encrypted_content',
  'signature',
  'thoughtSignature',
  'data',
  'media_type',
  'mimeType',
  'file_id',
]);

/**
 * A JSON value with its texts rewritten; numbers that are long enough to be somebody's count as texts. The same value, not a copy,
 * when nothing changed.
 */
export function rewriteJson(value: unknown, rewrite: (text: string) => string): unknown {
  if (typeof value === 'string') return value === '' ? value : rewrite(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Math.abs(value) < 1e8) return value;
    const text = String(value);
    const changed = rewrite(text);
    return changed === text ? value : changed;
  }
  if (Array.isArray(value)) {
    let changed: unknown[] | undefined;
    value.forEach((each, index) => {
      const now = rewriteJson(each, rewrite);
      if (now === each) return;
      changed ??= [...value];
      changed[index] = now;
    });
    return changed ?? value;
  }
  if (!isObject(value)) return value;
  let changed: Record<string, unknown> | undefined;
  for (const [name, each] of Object.entries(value)) {
    if (skipped.has(name)) continue;
    const now = rewriteJson(each, rewrite);
    if (now === each) continue;
    changed ??= { ...value };
    changed[name] = now;
  }
  return changed ?? value;
}

/** JSON text with its texts rewritten; text that is no JSON is rewritten as it is. The same text when nothing changed. */
export function rewriteJsonText(json: string, rewrite: (text: string) => string): string {
  if (json === '') return json;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return rewrite(json);
  }
  const changed = rewriteJson(value, rewrite);
  return changed === value ? json : JSON.stringify(changed);
}
