import type { CreatedKey } from '../../../../shared/src/keys.ts';
import { createClient } from '../../api/client.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { describeSecret } from './describe-secret.ts';
import { findKey } from './find-key.ts';

export const rotateKey = defineCommand({
  name: 'rotate',
  summary: 'Give a key a new secret; the old one ends at once, or after an overlap',
  positionals: [{ name: 'id or name', required: true }],
  options: {
    overlap: { type: 'string', value: 'how long', summary: 'How long the old secret still works: 90s, 10m, 12h, 7d' },
  },
  examples: ['sluice keys rotate laptop', 'sluice keys rotate ci --overlap 24h'],
  async run({ options: { overlap }, words: [wanted = ''], output, connection }) {
    const overlapSeconds = overlap === undefined ? 0 : readSeconds(overlap);
    const client = createClient(connection());
    const { id } = await findKey(client, wanted);
    const rotated = await client.post<CreatedKey>(`/api/v1/keys/${encodeURIComponent(id)}/rotate`, { overlapSeconds });
    output.print(rotated, () => describeSecret('Rotated', rotated, output.colours));
  },
});

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

function readSeconds(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,7})([smhd])$/.exec(text) ?? [];
  if (amount === undefined)
    throw new UsageError(`\`--overlap ${text}\` is no length of time.`, 'Say 90s, 10m, 12h or 7d; 30d at most.');
  return Number(amount) * unitSeconds[unit]!;
}
