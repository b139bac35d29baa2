/** Whether one of the patterns is the name, or ends in `*` and begins it. */
export const matchesPattern = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));

/** Whether a pattern allows nothing that none of the others allows. */
export const coversPattern = (patterns: readonly string[], inner: string): boolean =>
  patterns.some((outer) =>
    outer.endsWith('*')
      ? (inner.endsWith('*') ? inner.slice(0, -1) : inner).startsWith(outer.slice(0, -1))
      : outer === inner,
  );

/** Of a list that limits (absent: not at all), what a wish for a list may be: throws nothing, names the entry that is too much. */
export function tooMuch(own: readonly string[] | null | undefined, wished: readonly string[]): string | undefined {
  return own ? wished.find((entry) => !coversPattern(own, entry)) : undefined;
}
