import type { Guardrail } from '../../api/types.ts';

/** Whose calls a rule is for. */
export function describeScope({ keyId, teamId, group }: Guardrail): string {
  const scopes = [keyId && `key ${keyId}`, teamId && `team ${teamId}`, group && `group ${group}`].filter(Boolean);
  return scopes.length === 0 ? 'all' : scopes.join(', ');
}

/** What a rule does: `route to local models`, `block`. */
export function describeAction({ action, route }: Guardrail): string {
  if (!route) return action;
  const where = [route.localOnly && 'local models', route.group && `group ${route.group}`].filter(Boolean);
  return `${action} to ${where.join(' of ')}`;
}
