import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { featuresOf, type PromptFeatures } from '../../shared/src/routing/features.ts';

/** A public prompt, and how well each of some models answered it. */
export interface Row {
  id: string;
  /** The file that it comes from. */
  source: string;
  category: string;
  prompt: string;
  /** From 0 (wrong) to 1 (right), by model. */
  outcomes: Readonly<Record<string, number>>;
  outputTokens?: Readonly<Record<string, number>>;
  /** US dollars, by model. */
  cost?: Readonly<Record<string, number>>;
  split: 'train' | 'cal';
  features: PromptFeatures;
}

/** What the person who started this can mend; printed without a stack. */
export class DataError extends Error {}

/** Every row of every `*.jsonl` below `folder`, in the order of their names. Throws a `DataError` that names file and line. */
export function readRows(folder: string): Row[] {
  let files: string[];
  try {
    files = readdirSync(folder)
      .filter((file) => file.endsWith('.jsonl'))
      .sort();
  } catch {
    throw new DataError(`There is no folder ${folder}. Say --data <folder> with files *.jsonl.`);
  }
  if (files.length === 0) throw new DataError(`${folder} has no file *.jsonl.`);
  return files.flatMap((file) => {
    const source = basename(file, '.jsonl');
    return readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => (line.trim() === '' ? [] : [readRow(line, source, `${file}:${at + 1}`)]));
  });
}

function readRow(line: string, source: string, place: string): Row {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line);
  } catch {
    throw new DataError(`${place} is not JSON.`);
  }
  const { id, category = '', prompt, outcomes, out_tokens, cost, split } = value;
  if (typeof id !== 'string') throw new DataError(`${place}: \`id\` must be a text.`);
  if (typeof category !== 'string') throw new DataError(`${place}: \`category\` must be a text.`);
  if (typeof prompt !== 'string') throw new DataError(`${place}: \`prompt\` must be a text.`);
  if (split !== 'train' && split !== 'cal') throw new DataError(`${place}: \`split\` must be train or cal.`);
  const graded = numbersOf(outcomes, 'outcomes', place);
  if (graded === undefined) throw new DataError(`${place}: \`outcomes\` is missing.`);
  for (const [model, outcome] of Object.entries(graded))
    if (outcome < 0 || outcome > 1) throw new DataError(`${place}: the outcome of ${model} is not from 0 to 1.`);
  return {
    id,
    source,
    category,
    prompt,
    outcomes: graded,
    outputTokens: numbersOf(out_tokens, 'out_tokens', place),
    cost: numbersOf(cost, 'cost', place),
    split,
    features: featuresOf(prompt),
  };
}

function numbersOf(value: unknown, field: string, place: string): Record<string, number> | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value))
    throw new DataError(`${place}: \`${field}\` must hold a number for each model.`);
  for (const [model, number] of Object.entries(value))
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw new DataError(`${place}: \`${field}\` of ${model} is not a number.`);
  return value as Record<string, number>;
}

/** Groups rows, in the order in which the groups first occur. */
export function bySource(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.source);
    if (group) group.push(row);
    else groups.set(row.source, [row]);
  }
  return groups;
}

/** The models that have an outcome in any of the rows. */
export const modelsIn = (rows: readonly Row[]): string[] => [
  ...new Set(rows.flatMap(({ outcomes }) => Object.keys(outcomes))),
];

/** The mean outcome of a model over the rows that have one; 0 when none has. */
export function meanOutcome(rows: readonly Row[], model: string): number {
  let sum = 0;
  let count = 0;
  for (const { outcomes } of rows) {
    const outcome = outcomes[model];
    if (outcome === undefined) continue;
    sum += outcome;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
