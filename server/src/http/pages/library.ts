import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page of the documentation, as it stands in the folder `docs`. */
export interface GuidePage {
  /** Its path without `.md`: `reference/headers`. */
  path: string;
  title: string;
  /** The first folder of its path; empty for pages at the top. */
  section: string;
  markdown: string;
}

export interface Library {
  pages: readonly GuidePage[];
  find(path: string): GuidePage | undefined;
  /** A drawing of a page, by its path with the ending. */
  drawing(path: string): string | undefined;
}

/** Reads every markdown page and drawing below a folder, once. A folder that is not there (a trimmed image) is an empty library. */
export function openLibrary(folder: string): Library {
  const drawings = new Map(filesBelow(folder, '.svg').map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const pages = filesBelow(folder, '.md').map((file): GuidePage => {
    const markdown = readFileSync(join(folder, file), 'utf8');
    const path = file.slice(0, -'.md'.length);
    const slash = path.indexOf('/');
    return { path, title: titleOf(markdown) ?? path, section: slash === -1 ? '' : path.slice(0, slash), markdown };
  });
  const byPath = new Map(pages.map((page) => [page.path, page]));
  return { pages, find: (path) => byPath.get(path), drawing: (path) => drawings.get(path) };
}

function filesBelow(folder: string, ending: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith(ending))
      .sort();
  } catch {
    return [];
  }
}

const titleOf = (markdown: string): string | undefined => /^# (.+)$/m.exec(markdown)?.[1]?.replaceAll('`', '').trim();
