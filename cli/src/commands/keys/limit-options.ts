import { UsageError } from '../../cli-error.ts';
import type { OptionSpecs, OptionValues } from '../../command.ts';
import { readTime } from '../../format/time.ts';

/** The options that say what a key may do and from where, for making one and for changing one. */
export const limitOptions = {
  role: {
    type: 'string',
    value: 'role',
    summary: '`member` calls models (the default), `admin`, `viewer`, `owner`, or the id of a custom role',
  },
  model: {
    type: 'string',
    short: 'm',
    multiple: true,
    value: 'model',
    summary: 'A model it may use, several times for several; an entry may end in * (default: all)',
  },
  group: { type: 'string', multiple: true, value: 'group', summary: 'A group it may use (default: all)' },
  dialect: { type: 'string', multiple: true, value: 'dialect', summary: 'A dialect it may speak, like openai-*' },
  local: { type: 'boolean', summary: "Its calls stay on the operator's own machines" },
  route: { type: 'string', multiple: true, value: 'path', summary: 'A path it may call, like /v1/embeddings' },
  address: { type: 'string', multiple: true, value: 'network', summary: 'Where it may come from, like 10.1.0.0/16' },
  tag: { type: 'string', multiple: true, value: 'tag', summary: 'A tag that all its calls carry' },
  expires: {
    type: 'string',
    value: 'when',
    summary: 'The last day (2026-12-31, UTC), a time, or a distance (12h, 30d, 2w)',
  },
} as const satisfies OptionSpecs;

/** The body that these options come to; what was not given is left out. Throws UsageError. */
export function readLimits(options: OptionValues<typeof limitOptions>): Record<string, unknown> {
  const { role, model, group, dialect, local, route, address, tag, expires } = options;
  if (role !== undefined && !/^(owner|admin|member|viewer|role_\w+)$/.test(role))
    throw new UsageError(
      `There is no role \`${role}\`.`,
      'Roles: owner, admin, member, viewer, or the id of a custom one.',
    );
  const scopes = {
    ...(group.length > 0 && { groups: group }),
    ...(dialect.length > 0 && { dialects: dialect }),
    ...(route.length > 0 && { routes: route }),
    ...(local && { localOnly: true }),
  };
  return {
    ...(role !== undefined && { role }),
    ...(model.length > 0 && { models: model }),
    ...(Object.keys(scopes).length > 0 && { scopes }),
    ...(address.length > 0 && { addresses: address }),
    ...(tag.length > 0 && { tags: tag }),
    ...(expires !== undefined && { expiresAt: readExpiry(expires) }),
  };
}

function readExpiry(text: string): string {
  const nowMs = Date.now();
  const expiresAt = readTime(text, { option: '--expires', nowMs, direction: 'ahead', edge: 'end' });
  if (Date.parse(expiresAt) <= nowMs) throw new UsageError(`\`--expires ${text}\` is over already.`);
  return expiresAt;
}
