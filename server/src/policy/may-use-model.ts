import type { Principal } from '../core/principal.ts';
import { matchesPattern } from '../identity/key-scopes.ts';

/** Whether one of the patterns names the model; a pattern may end in `*`. */
export const matchesModel = matchesPattern;

/** The names of a group's calls and of those of an alias that leads to it; undefined for what is a model's. */
export type GroupOf = (model: string) => string | undefined;

export const groupPrefix = 'group/';

/**
 * Whether a model may be named by this principal. Groups are a matter of the scope `groups` where there is one; everything
 * else, and groups where there is none, of `models`.
 */
export function mayUseModel({ models, scopes }: Principal, model: string, groupOf: GroupOf): boolean {
  if (scopes?.groups) {
    const group = groupOf(model);
    if (group !== undefined) return matchesPattern(scopes.groups, group);
  }
  return !models || matchesPattern(models, model);
}

/** What a principal may name, for people to read. */
export const describeUsable = ({ models, scopes }: Principal): string =>
  [...(models ?? ['any model']), ...(scopes?.groups ?? []).map((group) => groupPrefix + group)].join(', ');
