import type { Complexity } from '../../../shared/src/routing/complexity.ts';
import { createClient } from '../api/client.ts';
import { UsageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { formatMoney } from '../format/number.ts';
import { type Column, renderTable } from '../format/table.ts';
import { printable } from '../format/text.ts';
import type { Output } from '../output.ts';

interface Candidate {
  model: string;
  inputTokens: number;
  likelyOutputTokens: number;
  likelyUsd: string | null;
  expectedQuality: number | null;
  refusal?: string;
}

interface Explanation extends Complexity {
  taskType: string;
  routed: { model: string; reason: string };
  candidates: Candidate[];
  choices: Record<string, string | null>;
}

const namesOfFactors: Record<keyof Complexity['factors'], string> = {
  length: 'length',
  complexWords: 'complex words',
  simpleWords: 'simple words',
  code: 'code',
  question: 'question',
  creative: 'creative',
};

export const explain = defineCommand({
  name: 'explain',
  summary: 'How hard a prompt looks, and where it would go',
  details: 'Says which model would answer a prompt, why, and what it would cost at each candidate. No model is called.',
  positionals: [{ name: 'prompt', required: true, rest: true }],
  options: {
    model: { type: 'string', short: 'm', value: 'name', summary: 'A model, a group, or auto (the default)' },
  },
  examples: ['sluice explain "Write a poem"', 'sluice explain -m group/tiers "Analyze this design"'],
  async run({ options, words, output, connection }) {
    const prompt = words.join(' ').trim();
    if (prompt === '') throw new UsageError('The prompt is empty.', 'Say what you would ask a model.');
    const request = { model: options.model ?? 'auto', messages: [{ role: 'user', content: prompt }] };
    const answer = await createClient(connection()).post<Explanation>('/api/v1/complexity', { request });
    output.print(answer, () => renderExplanation(answer, output));
  },
});

function renderExplanation(
  { score, factors, taskType, routed, candidates, choices }: Explanation,
  { width, colours }: Output,
): string {
  const columns: Column[] = [
    { title: 'CANDIDATE', shrinksTo: 16 },
    ...['IN', 'OUT', 'LIKELY COST', 'QUALITY'].map((title): Column => ({ title, align: 'right' })),
    { title: 'CANNOT', shrinksTo: 10 },
  ];
  const rows = candidates.map(
    ({ model, inputTokens, likelyOutputTokens, likelyUsd, expectedQuality, refusal = '' }) => [
      model,
      String(inputTokens),
      String(likelyOutputTokens),
      formatMoney(likelyUsd),
      expectedQuality?.toFixed(2) ?? '',
      printable(refusal),
    ],
  );
  return [
    `${colours.bold(printable(routed.model))}  ${printable(routed.reason)}`,
    `Complexity ${score.toFixed(2)}: ${partsOf(factors)}`,
    `Task ${printable(taskType)}`,
    '',
    renderTable(columns, rows, { width, colours }),
    '',
    ...Object.entries(choices).map(([strategy, model]) => `${strategy.padEnd(11)} ${model ?? 'nobody'}`),
  ].join('\n');
}

const partsOf = (factors: Complexity['factors']): string =>
  Object.entries(namesOfFactors)
    .map(([field, name]) => ({ name, part: factors[field as keyof Complexity['factors']] }))
    .filter(({ part }) => part !== 0)
    .map(({ name, part }) => `${name} ${part > 0 ? '+' : ''}${part}`)
    .join(', ');
