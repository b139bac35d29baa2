import { createClient } from '../api/client.ts';
import { UsageError } from '../cli-error.ts';
import { defineCommand } from '../command.ts';
import { type Column, renderTable } from '../format/table.ts';
import { printable } from '../format/text.ts';

interface Group {
  name: string;
  origin: 'file' | 'database' | 'built-in';
  purpose?: string;
  strategy: string;
  models: { model: string; weight: number }[];
  thresholds?: number[];
  tau?: number;
  floor?: number;
  default?: string;
  verifier?: string;
  minLogprob?: number;
}

const path = (name: string) => `/api/v1/routing-groups/${encodeURIComponent(name)}`;

const columns: Column[] = [
  { title: 'GROUP', shrinksTo: 10 },
  { title: 'KEPT IN' },
  { title: 'STRATEGY' },
  { title: 'MODELS', shrinksTo: 20 },
];

const listGroups = defineCommand({
  name: 'list',
  summary: 'List routing groups',
  async run({ output, connection }) {
    const groups = await createClient(connection()).list<Group>('/api/v1/routing-groups');
    output.print(groups, () =>
      renderTable(
        columns,
        groups.map(({ name, origin, strategy, models }) => [
          name,
          origin,
          strategy,
          models.map(({ model }) => printable(model)).join(', '),
        ]),
        { width: output.width, colours: output.colours },
      ),
    );
  },
});

const setGroup = defineCommand({
  name: 'set',
  summary: 'Make a routing group, or replace it',
  details: 'A group holds at the next call. One that stands in sluice.yaml is changed there.',
  positionals: [{ name: 'name', required: true }],
  options: {
    model: { type: 'string', short: 'm', multiple: true, value: 'name[=weight]', summary: 'A member; several times' },
    strategy: {
      type: 'string',
      value: 'strategy',
      summary: 'ordered, weighted, cheapest, fastest, complexity, learned, cascade, classifier',
    },
    purpose: { type: 'string', value: 'text', summary: 'What it is for' },
    threshold: { type: 'string', multiple: true, value: 'score', summary: 'complexity: where the next member begins' },
    tau: { type: 'string', value: 'share', summary: 'learned: the share of the best quality that is enough' },
    floor: { type: 'string', value: 'quality', summary: 'learned: the quality that is wanted at least' },
    default: { type: 'string', value: 'model', summary: 'learned: who is asked where nothing is known' },
    classifier: { type: 'string', value: 'model', summary: 'classifier: who says what a request is about' },
    verifier: { type: 'string', value: 'model', summary: 'cascade: who is asked whether an answer is right' },
    'min-logprob': { type: 'string', value: 'number', summary: 'cascade: the least mean log probability' },
  },
  examples: [
    'sluice groups set desk -m a/small -m b/large --strategy learned --tau 0.9',
    'sluice groups set shared -m a/x=3 -m b/x --strategy weighted',
  ],
  async run({ words: [name = ''], options, output, connection }) {
    if (options.model.length === 0) throw new UsageError('Name at least one member with `-m`.');
    const { strategy, purpose, default: fallback, verifier } = options;
    const thresholds = options.threshold.map((value) => readNumber('--threshold', value));
    const settings = {
      models: options.model.map(readMember),
      ...(strategy !== undefined && { strategy }),
      ...(purpose !== undefined && { purpose }),
      ...(thresholds.length > 0 && { thresholds }),
      ...(options.tau !== undefined && { tau: readNumber('--tau', options.tau) }),
      ...(options.floor !== undefined && { floor: readNumber('--floor', options.floor) }),
      ...(fallback !== undefined && { default: fallback }),
      ...(verifier !== undefined && { verifier }),
      ...(options.classifier !== undefined && { classifier: options.classifier }),
      ...(options['min-logprob'] !== undefined && {
        minLogprob: readNumber('--min-logprob', options['min-logprob']),
      }),
    };
    const group = await createClient(connection()).put<Group>(path(name), settings);
    output.print(
      group,
      () => `${output.colours.bold(`group/${group.name}`)} asks ${group.models.length} models, ${group.strategy}.`,
    );
  },
});

const removeGroup = defineCommand({
  name: 'remove',
  summary: 'Remove a routing group',
  positionals: [{ name: 'name', required: true }],
  async run({ words: [name = ''], output, connection }) {
    const removed = await createClient(connection()).delete<{ name: string }>(path(name));
    output.print(removed, () => `Removed the group ${output.colours.bold(removed.name)}.`);
  },
});

export const groups = defineCommand({
  name: 'groups',
  summary: 'List, make and remove routing groups',
  details: 'Callers name a group as `group/<name>`; its strategy says which of its models answers.',
  subcommands: [listGroups, setGroup, removeGroup],
});

function readMember(text: string): string | { model: string; weight: number } {
  const [, model, weight] = /^(.+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  return model === undefined ? text : { model, weight: Number(weight) };
}

function readNumber(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new UsageError(`\`${option} ${text}\` is not a number.`);
  return number;
}
