import { createClient } from '../../api/client.ts';
import type { Key } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';
import { findKey } from './find-key.ts';

export const revokeKey = defineCommand({
  name: 'revoke',
  summary: 'End a key for good',
  positionals: [{ name: 'id or name', required: true }],
  examples: ['sluice keys revoke laptop', 'sluice keys revoke key_1f0c9a2b'],
  async run({ words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const { id } = await findKey(client, wanted);
    const revoked = await client.delete<Key>(`/api/v1/keys/${encodeURIComponent(id)}`);
    output.print(revoked, () => `Revoked ${output.colours.bold(printable(revoked.name))} (${id}).`);
  },
});
