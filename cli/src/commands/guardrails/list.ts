import { createClient } from '../../api/client.ts';
import type { Guardrail } from '../../api/types.ts';
import { defineCommand } from '../../command.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { describeAction, describeScope } from './describe-guardrail.ts';

const columns: Column[] = [
  { title: 'ORDER', align: 'right' },
  { title: 'NAME', shrinksTo: 10 },
  { title: 'LOOKS FOR' },
  { title: 'ON' },
  { title: 'DOES', shrinksTo: 8 },
  { title: 'CALLS OF', shrinksTo: 8 },
  { title: 'STATE' },
];

export const listGuardrails = defineCommand({
  name: 'list',
  summary: 'List rules in the order in which they apply',
  async run({ output, connection }) {
    const rules = await createClient(connection()).list<Guardrail>('/api/v1/guardrails');
    output.print(rules, () => {
      if (rules.length === 0)
        return 'There are no guardrails. `sluice guardrails add pii pii --action mask` makes one.';
      const { colours, width } = output;
      return renderTable(columns, rules.map(rowOf), {
        width,
        colours,
        styleRow: (line, row) => (rules[row]!.enabled ? line : colours.dim(line)),
      });
    });
  },
});

const rowOf = (rule: Guardrail): string[] => [
  rule.order === null ? 'file' : String(rule.order),
  rule.name,
  rule.check.kind,
  rule.on,
  describeAction(rule),
  describeScope(rule),
  rule.enabled ? 'on' : 'off',
];
