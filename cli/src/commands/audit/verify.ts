import { createClient } from '../../api/client.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { counted } from '../../format/text.ts';

interface Verdict {
  valid: boolean;
  rows: number;
  head: { seq: number; hash: string };
  firstBroken: { seq: number; fault: string; message: string } | null;
}

export const verifyAudit = defineCommand({
  name: 'verify',
  summary: 'Check that every row is as it was written; exit code 1 when one is not',
  details:
    'Names the first row that was changed, removed or inserted. With `--anchor`, the last row that an earlier check named, ' +
    'it also finds a record that was rewritten whole.',
  options: {
    anchor: { type: 'string', value: 'row:hash', summary: 'What an earlier check said of its last row' },
  },
  async run({ options: { anchor }, output, connection }) {
    const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(anchor ?? '') ?? [];
    if (anchor !== undefined && seq === undefined) throw new UsageError('`--anchor` is a number, a colon and a hash.');
    const verdict = await createClient(connection()).get<Verdict>('/api/v1/audit/verify', { seq, hash });
    const { valid, rows, head, firstBroken } = verdict;
    output.print(verdict, () =>
      firstBroken
        ? `${output.colours.red('Broken:')} ${firstBroken.message}\n${counted(rows, 'row')} before it are as they were written.`
        : `${counted(rows, 'row')}, all as they were written.\nKeep this for the next check: --anchor ${head.seq}:${head.hash}`,
    );
    return valid ? 0 : 1;
  },
});
