/**
 * A value as JSON that PostgreSQL can hold: its text has neither NUL nor half of a surrogate pair, and callers and models
 * may write both. They become U+FFFD. JSON.stringify writes such characters, and few others, as `\u…`.
 */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes('\\u')) return json;
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\0', '\ufffd').toWellFormed() : part,
  );
}

/** The same value, changed only where PostgreSQL could not hold it. Keys of objects are left as they are. */
export const storable = <T>(value: T): T => JSON.parse(storableJson(value)) as T;
