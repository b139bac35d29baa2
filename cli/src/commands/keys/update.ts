import type { Key } from '../../../../shared/src/keys.ts';
import { createClient } from '../../api/client.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';
import { describeLimits } from './describe-secret.ts';
import { findKey } from './find-key.ts';
import { limitOptions, readLimits } from './limit-options.ts';

const fields: Record<string, string> = {
  models: 'models',
  scopes: 'scopes',
  addresses: 'addresses',
  expires: 'expiresAt',
};

export const updateKey = defineCommand({
  name: 'update',
  summary: 'Change what a key is called and what it may do',
  details: 'What is not named stays. Groups, dialects and routes are replaced together.',
  positionals: [{ name: 'id or name', required: true }],
  options: {
    name: { type: 'string', value: 'name', summary: 'What it is called from now on' },
    ...limitOptions,
    no: { type: 'string', multiple: true, value: 'limit', summary: 'Take away: models, scopes, addresses, expires' },
  },
  examples: ['sluice keys update laptop -m "groq/*"', 'sluice keys update ci --no models --no expires'],
  async run({ options: { name, no, ...limits }, words: [wanted = ''], output, connection }) {
    const wrong = no.find((limit) => !Object.hasOwn(fields, limit));
    if (wrong !== undefined)
      throw new UsageError(`\`--no ${wrong}\` is not known.`, `Say one of ${Object.keys(fields).join(', ')}.`);
    const change = {
      ...(name !== undefined && { name }),
      ...readLimits(limits),
      ...Object.fromEntries(no.map((limit) => [fields[limit], null])),
    };
    if (Object.keys(change).length === 0) throw new UsageError('There is nothing to change.');
    const client = createClient(connection());
    const { id } = await findKey(client, wanted);
    const key = await client.patch<Key>(`/api/v1/keys/${encodeURIComponent(id)}`, change);
    output.print(key, () =>
      [`Changed ${output.colours.bold(printable(key.name))} (${id})`, '', ...describeLimits(key)].join('\n'),
    );
  },
});
