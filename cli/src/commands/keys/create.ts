import type { CreatedKey } from '../../../../shared/src/keys.ts';
import { createClient } from '../../api/client.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { describeSecret } from './describe-secret.ts';
import { limitOptions, readLimits } from './limit-options.ts';

export const createKey = defineCommand({
  name: 'create',
  summary: 'Create a key and show it, this once',
  positionals: [{ name: 'name', required: true }],
  options: {
    ...limitOptions,
    user: { type: 'string', value: 'id', summary: 'Whose key it is (default: yours)' },
    team: { type: 'string', value: 'id', summary: 'The team that it counts for' },
    organisation: { type: 'string', value: 'id', summary: 'The organisation, for operators (default: yours)' },
    service: { type: 'boolean', summary: 'A key of nobody, which outlives people' },
  },
  examples: [
    'sluice keys create laptop',
    'sluice keys create ci -m openai/gpt-5-mini -m "groq/*" --expires 30d',
    'sluice keys create batch --service --address 10.1.0.0/16',
  ],
  async run({ options, words: [name], output, connection }) {
    const { user, team, organisation, service, ...limits } = options;
    if (service && user !== undefined) throw new UsageError('`--service` and `--user` exclude each other.');
    const created = await createClient(connection()).post<CreatedKey>('/api/v1/keys', {
      name,
      ...readLimits(limits),
      ...(service ? { userId: null } : user !== undefined && { userId: user }),
      ...(team !== undefined && { teamId: team }),
      ...(organisation !== undefined && { organisationId: organisation }),
    });
    output.print(created, () => describeSecret('Created', created, output.colours));
  },
});
