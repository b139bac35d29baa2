import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import {
  type CatalogueFile,
  type CatalogueHeader,
  type CatalogueModel,
  catalogueFilePath,
  writeCatalogue,
} from './catalogue-file.ts';
import { type SourceModel, sourceModel, toCatalogueModel } from './source-model.ts';

/** What a refresh did, models named `provider/id`. */
export interface RefreshReport {
  added: string[];
  removed: string[];
  changed: { model: string; fields: string[] }[];
  unchanged: number;
  /** Entries of the input that say nothing certain, with the reason. */
  leftOut: { model: string; reason: string }[];
}

export interface Refresh {
  text: string;
  report: RefreshReport;
}

/**
 * The catalogue file made from the source's text (a JSON array of models), and how it differs from `previous`. The same
 * input always gives the same text. Throws an Error that names the entries at fault when the text has another form, and
 * when models changed and nobody said as of which date.
 */
export function refreshCatalogue(text: string, previous: CatalogueFile | undefined, stamp: Stamp | undefined): Refresh {
  const { kept, leftOut } = withoutAmbiguous(parseSource(text));
  const models = kept.map(toCatalogueModel);
  const report = compare(models, previous?.models ?? [], leftOut);
  const header = stamp ? headerOf(stamp) : previous?.header;
  const hasChanged = report.added.length + report.removed.length + report.changed.length > 0;
  if (!header || (hasChanged && !stamp)) {
    throw new Error('The models changed: say as of when, with --date YYYY-MM-DD or a SOURCE.md beside the file.');
  }
  return { text: writeCatalogue({ header, models }), report };
}

/** When the facts were true, and at which commit of the source. */
export interface Stamp {
  date: string;
  commit?: string;
}

function headerOf({ date, commit }: Stamp): CatalogueHeader {
  return {
    source: 'models.dev',
    date,
    ...(commit === undefined ? {} : { commit }),
    licence: 'MIT',
    attribution: 'Facts from models.dev (anomalyco/models.dev), copyright 2025 spin.dev, MIT licence; see SOURCE.md.',
  };
}

function parseSource(text: string): SourceModel[] {
  const parsed = z.array(sourceModel).min(1).safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, 10).map(({ path, message }) => `  [${path.join('.')}] ${message}`);
  throw new Error(`This is not a list of models in the form that is expected:\n${faults.join('\n')}`);
}

const nameOf = ({ provider, id }: { provider: string; id: string }): string => `${provider}/${id}`;

/** Entries that share a provider and an id contradict each other, so none of them is believed. */
function withoutAmbiguous(models: SourceModel[]) {
  const groups = Map.groupBy(models, nameOf);
  const leftOut = [...groups]
    .filter(([, group]) => group.length > 1)
    .map(([model, group]) => ({ model, reason: `${group.length} entries share this id` }));
  return { kept: models.filter((model) => groups.get(nameOf(model))?.length === 1), leftOut };
}

function compare(next: CatalogueModel[], previous: CatalogueModel[], leftOut: RefreshReport['leftOut']): RefreshReport {
  const before = new Map(previous.map((model) => [nameOf(model), model]));
  const after = new Set(next.map(nameOf));
  const report: RefreshReport = { added: [], removed: [], changed: [], unchanged: 0, leftOut };
  for (const model of next) {
    const name = nameOf(model);
    const old = before.get(name);
    if (!old) report.added.push(name);
    else {
      const fields = differingFields(old, model);
      if (fields.length > 0) report.changed.push({ model: name, fields });
      else report.unchanged++;
    }
  }
  for (const name of before.keys()) if (!after.has(name)) report.removed.push(name);
  report.added.sort();
  report.removed.sort();
  report.changed.sort((left, right) => (left.model < right.model ? -1 : 1));
  return report;
}

function differingFields(old: CatalogueModel, model: CatalogueModel): string[] {
  const fields = new Set([...Object.keys(old), ...Object.keys(model)]) as Set<keyof CatalogueModel>;
  fields.delete('source'); // stamped when the file is read
  return [...fields].filter((field) => JSON.stringify(old[field]) !== JSON.stringify(model[field]));
}

/** `refresh.ts <file> [--date YYYY-MM-DD] [--commit <hash>]`: rewrites models.json and says what changed. */
export function refreshFromFile(path: string, stamp: Stamp | undefined, print: (line: string) => void): void {
  const previous: CatalogueFile | undefined = existsSync(catalogueFilePath)
    ? JSON.parse(readFileSync(catalogueFilePath, 'utf8'))
    : undefined;
  const { text, report } = refreshCatalogue(readFileSync(path, 'utf8'), previous, stamp ?? stampBeside(path));
  writeFileSync(catalogueFilePath, text);
  for (const { model, reason } of report.leftOut) print(`left out ${model}: ${reason}`);
  for (const model of report.added) print(`added    ${model}`);
  for (const { model, fields } of report.changed) print(`changed  ${model}: ${fields.join(', ')}`);
  for (const model of report.removed) print(`removed  ${model}`);
  const { added, changed, removed, unchanged } = report;
  print(`${added.length} added, ${changed.length} changed, ${removed.length} removed, ${unchanged} unchanged`);
}

/** The source's own note says `… at <commit>, <date> …`. */
function stampBeside(path: string): Stamp | undefined {
  const note = join(dirname(path), 'SOURCE.md');
  if (!existsSync(note)) return undefined;
  const [, commit, date] = /\bat ([0-9a-f]{7,40}), (\d{4}-\d{2}-\d{2})\b/.exec(readFileSync(note, 'utf8')) ?? [];
  return date === undefined || commit === undefined ? undefined : { date, commit };
}

function main(args: string[]): number {
  const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const [path] = args;
  const date = option('--date');
  const commit = option('--commit');
  const isDate = date === undefined || z.iso.date().safeParse(date).success;
  if (path === undefined || path.startsWith('--') || !isDate) {
    console.error('Usage: refresh.ts <models.json> [--date YYYY-MM-DD] [--commit <hash>]');
    return 2;
  }
  try {
    refreshFromFile(path, date === undefined ? undefined : { date, commit }, console.log);
    return 0;
  } catch (fault) {
    console.error(fault instanceof Error ? fault.message : fault);
    return 1;
  }
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
