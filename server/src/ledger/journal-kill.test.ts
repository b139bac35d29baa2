import { describe, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { sql as query } from 'drizzle-orm';
import { seededRandom } from '../../test/conformance/seeded-random.ts';
import { databaseKinds, emptyDatabase, temporaryFolder, testDatabaseUrl } from '../../test/support/databases.ts';
import { createCallStore } from '../store/call-store.ts';
import { openDatabase } from '../store/database.ts';
import { openJournal } from './journal.ts';

const kills = 20;
const appender = join(import.meta.dirname, '../../test/journal/append-until-killed.ts');

/** Starts the appender, waits for its first row and kills it a moment later. */
async function appendAndKill(args: string[], notes: string, prefix: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [appender, ...args, notes, prefix], { stdio: ['ignore', 'ignore', 'pipe'] });
  const faults: string[] = [];
  child.stderr.on('data', (data) => faults.push(String(data)));
  const gone = once(child, 'exit');
  const begun = new Promise<void>((resolve) => {
    const look = () => {
      if (existsSync(notes) && readFileSync(notes, 'utf8').includes(`${prefix}-0\n`)) resolve();
    };
    const watcher = watch(join(notes, '..'), look);
    gone.finally(() => watcher.close());
    look();
  });
  await Promise.race([begun, gone]);
  await Promise.race([new Promise((resolve) => setTimeout(resolve, afterMs)), gone]);
  child.kill('SIGKILL');
  await gone;
  expect(faults).toEqual([]);
}

describe.each(databaseKinds)('with %s', (kind) => {
  test(`of a process that is killed ${kills} times every row that append() returned for is in the database once`, async () => {
    const dataDir = temporaryFolder();
    const notes = join(temporaryFolder(), 'notes');
    if (kind === 'postgresql') await emptyDatabase(kind);
    const random = seededRandom(20);
    for (let round = 0; round < kills; round++) {
      // The embedded database dies with the process; it is up after about a second, and half of the kills come before.
      const afterMs = random() * (kind === 'embedded' ? 1800 : 600);
      await appendAndKill([dataDir, kind === 'embedded' ? kind : testDatabaseUrl!], notes, `round${round}`, afterMs);
    }

    const database = await openDatabase({ url: kind === 'embedded' ? undefined : testDatabaseUrl, dataDir });
    const store = createCallStore(async () => database.sql);
    const journal = openJournal({ folder: join(dataDir, 'journal'), store: store.insertJson.bind(store) });
    await journal.flush();
    await journal.close();
    const rows = await database.sql.execute(query`select request_id, count(*)::int as times from calls group by 1`);
    await database.close();

    const times = new Map(rows.map((row) => [row.request_id as string, row.times as number]));
    const noted = readFileSync(notes, 'utf8').trim().split('\n');
    expect(noted.length).toBeGreaterThan(kills * 20);
    expect(noted.filter((requestId) => times.get(requestId) !== 1)).toEqual([]);
    // A kill may fall between the return of append() and its note.
    expect(rows.length - noted.length).toBeWithin(0, kills + 1);
    expect(readdirSync(join(dataDir, 'journal'))).toEqual([]);
  }, 300_000);
});
