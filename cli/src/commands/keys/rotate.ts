import { createClient } from '../../api/client.ts';
import type { CreatedKey } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { describeSecret } from './describe-secret.ts';
import { findKey } from './find-key.ts';

export const rotateKey = defineCommand({
  name: 'rotate',
  summary: 'Give a key a new secret; the old one ends at once',
  positionals: [{ name: 'id or name', required: true }],
  examples: ['sluice keys rotate laptop'],
  async run({ words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const { id } = await findKey(client, wanted);
    const rotated = await client.post<CreatedKey>(`/api/v1/keys/${encodeURIComponent(id)}/rotate`);
    output.print(rotated, () => describeSecret('Rotated', rotated, output.colours));
  },
});
