import { createClient } from '../../api/client.ts';
import type { Limit } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { describeSubject } from './describe-limit.ts';

export const removeLimit = defineCommand({
  name: 'remove',
  summary: 'Remove a limit',
  positionals: [{ name: 'id', required: true }],
  examples: ['sluice limits remove lim_019a9f3c1d20b1946ac92f17d35'],
  async run({ words: [id = ''], output, connection }) {
    const removed = await createClient(connection()).delete<Limit>(`/api/v1/limits/${encodeURIComponent(id)}`);
    output.print(
      removed,
      () => `Removed the limit of ${output.colours.bold(describeSubject(removed))} (${removed.id}).`,
    );
  },
});
