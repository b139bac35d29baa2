import { createClient } from '../../api/client.ts';
import type { Guardrail } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';
import { findGuardrail } from './find-guardrail.ts';

export const removeGuardrail = defineCommand({
  name: 'remove',
  summary: 'Remove a rule',
  positionals: [{ name: 'id or name', required: true }],
  examples: ['sluice guardrails remove no-cards'],
  async run({ words: [wanted = ''], output, connection }) {
    const client = createClient(connection());
    const { id } = await findGuardrail(client, wanted);
    const removed = await client.delete<Guardrail>(`/api/v1/guardrails/${encodeURIComponent(id)}`);
    output.print(removed, () => `Removed ${output.colours.bold(printable(removed.name))} (${id}).`);
  },
});
