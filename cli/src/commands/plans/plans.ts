import { type Client, createClient } from '../../api/client.ts';
import type { Plan } from '../../api/money-types.ts';
import { CliError } from '../../cli-error.ts';
import { defineCommand } from '../../command.ts';
import { formatCount, formatMoney } from '../../format/number.ts';
import { type Column, renderTable } from '../../format/table.ts';
import { printable } from '../../format/text.ts';
import { didYouMean } from '../../suggest.ts';

const columns: Column[] = [
  { title: 'ID', shrinksTo: 12 },
  { title: 'NAME', shrinksTo: 8 },
  { title: 'TOKENS A MONTH', align: 'right' },
  { title: 'MODELS', shrinksTo: 16 },
];

const listPlans = defineCommand({
  name: 'list',
  summary: 'List plans',
  async run({ output, connection }) {
    const plans = await createClient(connection()).list<Plan>('/api/v1/plans');
    output.print(plans, () =>
      plans.length === 0
        ? 'There are no plans.'
        : renderTable(columns, plans.map(rowOf), { width: output.width, colours: output.colours }),
    );
  },
});

const assignPlan = defineCommand({
  name: 'assign',
  summary: 'Give an organisation a plan, or `none`',
  positionals: [
    { name: 'organisation', required: true },
    { name: 'plan', required: true },
  ],
  examples: ['sluice plans assign org_default Free', 'sluice plans assign org_default none'],
  async run({ words: [organisationId = '', wanted = ''], output, connection }) {
    const client = createClient(connection());
    const plan = wanted === 'none' ? undefined : await findPlan(client, wanted);
    const done = await client.post('/api/v1/plans/assign', { organisationId, planId: plan?.id ?? null });
    output.print(
      done,
      () => `${printable(organisationId)} has ${plan ? `the plan ${printable(plan.name)}` : 'no plan'} now.`,
    );
  },
});

export const plans = defineCommand({
  name: 'plans',
  summary: 'List plans and give them to organisations',
  details: 'What organisations may use: tokens a month, and which models. Giving them away needs the admin key.',
  subcommands: [listPlans, assignPlan],
});

async function findPlan(client: Client, wanted: string): Promise<Plan> {
  const all = await client.list<Plan>('/api/v1/plans');
  const found = all.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted.toLowerCase());
  if (found) return found;
  const near = didYouMean(
    wanted,
    all.map(({ name }) => name),
  );
  throw new CliError(`There is no plan ${JSON.stringify(wanted)}.`, near ?? '`sluice plans list` shows all.');
}

const rowOf = ({ id, name, tokensPerMonth, models, maxPriceUsd }: Plan): string[] => [
  id,
  printable(name),
  tokensPerMonth === null ? 'unlimited' : formatCount(tokensPerMonth),
  [
    ...(models ?? []).map(printable),
    ...(maxPriceUsd === null ? [] : [`up to ${formatMoney(maxPriceUsd)} per million tokens`]),
  ].join(', ') || 'all',
];
