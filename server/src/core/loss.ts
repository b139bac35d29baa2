/** Something of the caller's request (or of the answer) that the other wire has no place for. */
export interface Loss {
  /** The caller's own name of the field, e.g. `logit_bias` or `messages[].name`. */
  field: string;
  /** Why, in a few words. */
  reason: string;
}

/** The value of `x-sluice-loss`: each field once, in order, with its reason. */
export function describeLosses(losses: readonly Loss[]): string {
  const seen = new Map<string, string>();
  for (const { field, reason } of losses) if (!seen.has(field)) seen.set(field, reason);
  return [...seen].map(([field, reason]) => `${field} (${reason})`).join(', ');
}
