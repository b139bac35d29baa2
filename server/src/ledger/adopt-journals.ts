import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from '../store/process-lock.ts';
import { segmentPath, segmentPaths, sequenceOf } from './segment-file.ts';

const advice = 'Stop it, or choose another SLUICE_DATA_DIR.';

/**
 * Moves the segments that other journals of this data folder left behind into the journal `own`, which brings them into the
 * database at its next start: there may be fewer processes than there were. Throws when a live process uses one of them.
 */
export function adoptJournals(dataDir: string, own: string): void {
  if (!existsSync(dataDir)) return;
  const others = readdirSync(dataDir).filter((name) => /^journal(-\d+)?$/.test(name) && name !== own);
  const folder = join(dataDir, own);
  for (const name of others.sort()) {
    const left = join(dataDir, name);
    const segments = segmentPaths(left);
    if (segments.length === 0) continue;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unlock = [left, folder].map((each) => takeLock(join(each, 'lock'), advice));
    try {
      const last = segmentPaths(folder).at(-1);
      let sequence = last === undefined ? 0 : sequenceOf(last);
      for (const segment of segments) renameSync(segment, segmentPath(folder, ++sequence));
    } finally {
      for (const release of unlock) release();
    }
  }
}
