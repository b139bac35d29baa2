import { createClient } from '../../api/client.ts';
import type { GuardrailTrial } from '../../api/types.ts';
import { UsageError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../format/text.ts';

export const testGuardrails = defineCommand({
  name: 'test',
  summary: 'Try the rules in force on a text, without calling a model',
  details:
    'Says what each rule would find in a text, and the text as it would go on. The exit code is 1 when it would be blocked.',
  positionals: [{ name: 'text', required: true, rest: true }],
  options: { on: { type: 'string', value: 'side', summary: 'input (the default) or output' } },
  examples: ['sluice guardrails test "write to anna@example.com"'],
  async run({ words, options: { on = 'input' }, output, connection }) {
    if (on !== 'input' && on !== 'output') throw new UsageError(`There is no side \`${on}\`.`, 'Sides: input, output.');
    const trial = await createClient(connection()).post<GuardrailTrial>('/api/v1/guardrails/test', {
      text: words.join(' '),
      on,
    });
    output.print(trial, () => describe(trial));
    return trial.blocked ? 1 : 0;
  },
});

function describe({ text, blocked, rules }: GuardrailTrial): string {
  if (rules.length === 0) return 'No rule looks at this side. `sluice guardrails list` shows all.';
  const lines = rules.map(({ rule, action, found, places, because, skipped }) => {
    const what =
      because ??
      [...new Set(places.map(({ label }) => label))]
        .map((label) => `${label} ${places.filter((place) => place.label === label).length}`)
        .join(', ');
    return `${printable(rule)}: ${skipped ?? (found ? `${action}, ${what}` : 'nothing')}`;
  });
  return [...lines, '', blocked ? 'Blocked.' : `Goes on as: ${printable(text)}`].join('\n');
}
