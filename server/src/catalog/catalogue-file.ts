import { readFileSync } from 'node:fs';
import type { Capability, ModelInfo } from '../core/model-info.ts';
import { shippedPath } from '../core/shipped.ts';

/** A model of the catalogue. Where `unknown` is given, a capability that stands in neither list is plainly denied. */
export interface CatalogueModel extends ModelInfo {
  /** Capabilities of which the source says nothing, or contradicts itself: never a reason to refuse. */
  unknown?: readonly Capability[];
}

/** Where the file's facts come from. */
export interface CatalogueHeader {
  source: string;
  /** ISO date of the source. */
  date: string;
  commit?: string;
  licence: string;
  attribution: string;
}

export interface CatalogueFile {
  header: CatalogueHeader;
  models: CatalogueModel[];
}

export const catalogueFilePath = shippedPath('server/src/catalog/models.json');

/** The catalogue that ships with the program (about 1,000 models). It was validated when it was written. */
export function readCatalogueFile(): CatalogueFile {
  const file: CatalogueFile = JSON.parse(readFileSync(catalogueFilePath, 'utf8'));
  const source = `${file.header.source} ${file.header.date}`;
  for (const model of file.models) model.source = source;
  return file;
}

/** The file's text: a header line, then one model a line, sorted by provider and id. */
export function writeCatalogue({ header, models }: CatalogueFile): string {
  const lines = [...models].sort(byProviderAndId).map((model) => JSON.stringify(model));
  return `{"header":${JSON.stringify(header)},"models":[\n${lines.join(',\n')}\n]}\n`;
}

// By code units, not by locale: the same order on every machine.
function byProviderAndId(left: ModelInfo, right: ModelInfo): number {
  if (left.provider !== right.provider) return left.provider < right.provider ? -1 : 1;
  return left.id < right.id ? -1 : left.id > right.id ? 1 : 0;
}
