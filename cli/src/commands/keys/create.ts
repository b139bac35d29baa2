import { createClient } from '../../api/client.ts';
import type { CreatedKey } from '../../api/types.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { readTime } from '../../format/time.ts';
import { describeSecret } from './describe-secret.ts';

export const createKey = defineCommand({
  name: 'create',
  summary: 'Create a key and show it, this once',
  positionals: [{ name: 'name', required: true }],
  options: {
    role: { type: 'string', value: 'role', summary: '`member` calls models (the default), `admin` may do everything' },
    model: {
      type: 'string',
      short: 'm',
      multiple: true,
      value: 'model',
      summary: 'A model it may use, several times for several; an entry may end in * (default: all)',
    },
    expires: {
      type: 'string',
      value: 'when',
      summary: 'The last day (2026-12-31, UTC), a time, or a distance (12h, 30d, 2w)',
    },
  },
  examples: ['sluice keys create laptop', 'sluice keys create ci -m openai/gpt-5-mini -m "groq/*" --expires 30d'],
  async run({ options: { role, model, expires }, words: [name], output, connection }) {
    if (role !== undefined && role !== 'admin' && role !== 'member')
      throw new UsageError(`There is no role \`${role}\`.`, 'Roles: admin, member.');
    const created = await createClient(connection()).post<CreatedKey>('/api/v1/keys', {
      name,
      role,
      ...(model.length > 0 && { models: model }),
      ...(expires !== undefined && { expiresAt: readExpiry(expires) }),
    });
    output.print(created, () => describeSecret('Created', created, output.colours));
  },
});

function readExpiry(text: string): string {
  const nowMs = Date.now();
  const expiresAt = readTime(text, { option: '--expires', nowMs, direction: 'ahead', edge: 'end' });
  if (Date.parse(expiresAt) <= nowMs) throw new UsageError(`\`--expires ${text}\` is over already.`);
  return expiresAt;
}
