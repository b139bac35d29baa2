import { createClient } from '../../api/client.ts';
import type { Guardrail } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';
import { findGuardrail } from './find-guardrail.ts';

const switching = (name: string, enabled: boolean, done: string) =>
  defineCommand({
    name,
    summary: enabled ? 'Switch a rule on' : 'Switch a rule off and keep it',
    positionals: [{ name: 'id or name', required: true }],
    examples: [`sluice guardrails ${name} pii`],
    async run({ words: [wanted = ''], output, connection }) {
      const client = createClient(connection());
      const { id } = await findGuardrail(client, wanted);
      const rule = await client.patch<Guardrail>(`/api/v1/guardrails/${encodeURIComponent(id)}`, { enabled });
      output.print(rule, () => `${done} ${output.colours.bold(printable(rule.name))} (${id}).`);
    },
  });

export const enableGuardrail = switching('enable', true, 'Switched on');
export const disableGuardrail = switching('disable', false, 'Switched off');
