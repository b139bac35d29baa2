/** JSON with sorted keys and without what is undefined: equal values give equal text, in whatever order they were written. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) {
    let text = '[';
    for (let at = 0; at < value.length; at++) text += (at > 0 ? ',' : '') + canonicalJson(value[at]);
    return `${text}]`;
  }
  const given = value as Record<string, unknown>;
  let text = '{';
  for (const key of Object.keys(given).sort()) {
    if (given[key] === undefined) continue;
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${canonicalJson(given[key])}`;
  }
  return `${text}}`;
}
