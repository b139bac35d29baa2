import { createClient } from '../../api/client.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';

export const clearCache = defineCommand({
  name: 'clear',
  summary: 'Void stored answers of your organisation, all or some',
  options: {
    model: { type: 'string', short: 'm', value: 'model', summary: 'Only those of this model' },
    tag: { type: 'string', value: 'tag', summary: 'Only those to calls with this tag' },
    'cache-key': { type: 'string', value: 'key', summary: 'Only the one with this x-sluice-cache-key' },
  },
  examples: [
    'sluice cache clear',
    'sluice cache clear --model openai/gpt-5-mini',
    'sluice cache clear --tag release-1',
  ],
  async run({ options: { model, tag, 'cache-key': key }, output, connection }) {
    const given = Object.entries({ model, tag, key }).filter(([, value]) => value !== undefined);
    if (given.length > 1) throw new UsageError('Say one of --model, --tag and --cache-key.');
    const wish = given.length === 0 ? { all: true } : Object.fromEntries(given);
    const cleared = await createClient(connection()).post<{ removed: number }>('/api/v1/cache/invalidate', wish);
    output.print(cleared, () => `Cleared; this server held ${cleared.removed}.`);
  },
});
