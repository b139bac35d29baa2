/**
 * Equal text for equal values, in whatever order they were written; what is undefined is left out. Objects become lists of their
 * sorted keys and values behind a `{`, and lists begin with a `[`, so that nothing else can look like them and one
 * JSON.stringify writes all of it.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(ordered(value));

/** What `canonicalJson` writes, for a value that is to stand within another. */
export function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (Array.isArray(value)) {
    const list: unknown[] = ['['];
    for (const each of value) list.push(ordered(each));
    return list;
  }
  const given = value as Record<string, unknown>;
  const list: unknown[] = ['{'];
  for (const key of Object.keys(given).sort()) {
    const of = given[key];
    if (of !== undefined) list.push(key, ordered(of));
  }
  return list;
}
