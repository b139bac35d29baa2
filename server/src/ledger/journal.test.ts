import { afterEach, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/databases.ts';
import { callRow } from '../../test/support/rows.ts';
import { type Journal, type JournalDeps, openJournal } from './journal.ts';

const opened: Journal[] = [];
afterEach(async () => {
  for (const journal of opened.splice(0)) await journal.close().catch(() => {});
});

const never = 1_000_000;

/** A journal whose database is a list; `away` makes it reject. It flushes only when told. */
function setUp(over: Partial<JournalDeps> = {}, folder = temporaryFolder()) {
  const database = { rows: [] as string[], away: false, batches: [] as number[], onStore: () => {} };
  const faults: unknown[] = [];
  const journal = openJournal({
    folder,
    flushEveryMs: never,
    onFault: (error) => faults.push(error),
    async store(rows) {
      database.onStore();
      await Promise.resolve();
      if (database.away) throw new Error('the database is away');
      database.batches.push(rows.length);
      // As `on conflict do nothing` does.
      for (const row of rows) if (!database.rows.includes(row)) database.rows.push(row);
      return [];
    },
    ...over,
  });
  opened.push(journal);
  const ids = () => database.rows.map((row) => JSON.parse(row).requestId as string);
  const files = () => readdirSync(folder).filter((name) => name !== 'refused.ndjson');
  return { journal, database, faults, folder, ids, files };
}

const append = (journal: Journal, ...ids: string[]) => {
  for (const requestId of ids) journal.append(callRow({ requestId }));
};

const many = (count: number, prefix = 'r') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

test('a row stands in the file when append returns, and in the database after a flush', async () => {
  const { journal, ids, files, folder } = setUp();
  append(journal, 'one');
  const [file] = files();
  expect(JSON.parse(readFileSync(join(folder, file!), 'utf8')).requestId).toBe('one');
  expect(statSync(join(folder, file!)).mode & 0o777).toBe(0o600);
  expect(ids()).toEqual([]);
  await journal.flush();
  expect(ids()).toEqual(['one']);
});

test('rows keep their order and reach the database in batches of a thousand at most', async () => {
  const { journal, database, ids } = setUp();
  append(journal, ...many(2500));
  await journal.flush();
  expect(ids()).toEqual(many(2500));
  expect(database.batches).toEqual([1000, 1000, 500]);
});

test('a row is written to the database once, however often the journal is flushed', async () => {
  const { journal, database } = setUp();
  append(journal, 'one', 'two');
  await Promise.all([journal.flush(), journal.flush(), journal.flush()]);
  await journal.flush();
  expect(database.batches).toEqual([2]);
});

test('rows that arrive during a flush wait for the next one, and none is lost', async () => {
  const { journal, database, ids } = setUp();
  let late = 0;
  database.onStore = () => append(journal, `late${late++}`);
  append(journal, 'early');
  await journal.flush();
  expect(ids()).toEqual(['early']);
  database.onStore = () => {};
  await journal.flush();
  expect(ids()).toEqual(['early', 'late0']);
});

test('while the database is away rows wait, a flush says so, and all are there when it is back', async () => {
  const { journal, database, faults, ids } = setUp();
  database.away = true;
  append(journal, 'one');
  await expect(journal.flush()).rejects.toThrow('away');
  append(journal, 'two');
  await expect(journal.flush()).rejects.toThrow('away');
  expect(faults).toHaveLength(2);
  expect(journal.isWritable()).toBe(true);
  database.away = false;
  await journal.flush();
  expect(ids()).toEqual(['one', 'two']);
});

test('what a process left is read at the next start and its files are removed', async () => {
  const first = setUp({ segmentBytes: 2000 });
  first.database.away = true;
  append(first.journal, ...many(20));
  expect(first.files().length).toBeGreaterThan(3);
  // No close: the process was killed.
  const second = setUp({}, first.folder);
  append(second.journal, 'new');
  await second.journal.flush();
  expect(second.ids().toSorted()).toEqual([...many(20), 'new'].toSorted());
  expect(second.files()).toHaveLength(1);
});

test('a last line that was torn is skipped, and one that only lacks its line end is not', async () => {
  const folder = temporaryFolder();
  const line = (requestId: string) => JSON.stringify(callRow({ requestId }));
  writeFileSync(join(folder, '0000000001.ndjson'), `${line('one')}\n${line('two')}\n${line('torn').slice(0, -10)}`);
  writeFileSync(join(folder, '0000000002.ndjson'), `${line('three')}\n\n${line('four')}`);
  const { journal, ids } = setUp({}, folder);
  await journal.flush();
  expect(ids()).toEqual(['one', 'two', 'three', 'four']);
});

test('a character of several bytes that falls between two reads of a file stays whole', async () => {
  const folder = temporaryFolder();
  const rows = Array.from({ length: 4000 }, (_, index) =>
    JSON.stringify(callRow({ requestId: `r${index}`, modelAsked: 'modèle-😀'.repeat(index % 7) })),
  );
  writeFileSync(join(folder, '0000000001.ndjson'), `${rows.join('\n')}\n`);
  const { journal, database } = setUp({}, folder);
  await journal.flush();
  expect(database.rows).toEqual(rows);
});

test('files that are not the journal’s own are left alone', async () => {
  const folder = temporaryFolder();
  for (const name of ['notes.txt', '1.ndjson', '0000000001.ndjson.bak', 'lock'])
    writeFileSync(join(folder, name), '{"requestId":"no"}\n');
  const { journal, ids, files } = setUp({}, folder);
  await journal.flush();
  expect(ids()).toEqual([]);
  expect(files()).toHaveLength(5);
});

test('a segment that is full makes way for the next, also while the database is away, and goes when it is empty', async () => {
  const { journal, database, ids, files, folder } = setUp({ segmentBytes: 5000 });
  database.away = true;
  append(journal, ...many(100));
  await journal.flush().catch(() => {});
  expect(files().length).toBeGreaterThan(10);
  for (const file of files()) expect(statSync(join(folder, file)).size).toBeLessThan(7000);
  database.away = false;
  await journal.flush();
  expect(ids()).toEqual(many(100));
  expect(files()).toHaveLength(1);
});

test('a segment that fills up while its rows are on their way keeps the ones that came meanwhile', async () => {
  const { journal, database, ids } = setUp({ segmentBytes: 3000 });
  append(journal, 'first');
  let once = true;
  database.onStore = () => {
    if (once) append(journal, ...many(30));
    once = false;
  };
  await journal.flush();
  await journal.flush();
  expect(ids().toSorted()).toEqual(['first', ...many(30)].toSorted());
});

test('more rows than may be held are read from the files again, and none is lost or twice', async () => {
  const { journal, database, ids } = setUp({ maxHeldRows: 50, segmentBytes: 20_000 });
  database.away = true;
  append(journal, ...many(500));
  await journal.flush().catch(() => {});
  append(journal, ...many(500, 's'));
  database.away = false;
  await journal.flush();
  await journal.flush();
  expect(ids()).toHaveLength(1000);
  expect(ids().toSorted()).toEqual([...many(500), ...many(500, 's')].toSorted());
  append(journal, 'after');
  await journal.flush();
  expect(ids()).toContain('after');
});

test('while the database is away a flush reads a piece of the files, not all of them', async () => {
  const { journal, database } = setUp({ maxHeldRows: 10, segmentBytes: 10_000_000 });
  database.away = true;
  append(journal, ...many(20_000));
  await journal.flush().catch(() => {});
  const startedMs = performance.now();
  await journal.flush().catch(() => {});
  expect(performance.now() - startedMs).toBeLessThan(100);
});

test('rows that the database can never take are set aside, and those behind them go through', async () => {
  const { journal, faults, folder } = setUp({ store: async (rows) => rows.filter((row) => row.includes('"bad')) });
  append(journal, 'one', 'bad1', 'two', 'bad2');
  await journal.flush();
  await journal.flush();
  const refused = readFileSync(join(folder, 'refused.ndjson'), 'utf8').trim().split('\n');
  expect(refused.map((row) => JSON.parse(row).requestId)).toEqual(['bad1', 'bad2']);
  expect(faults).toHaveLength(1);
});

test('closing writes what is left and leaves no empty file; with the database away the files stay', async () => {
  const clean = setUp();
  append(clean.journal, 'one');
  await clean.journal.close();
  expect(clean.ids()).toEqual(['one']);
  expect(clean.files()).toEqual([]);

  const away = setUp();
  away.database.away = true;
  append(away.journal, 'kept');
  await away.journal.close();
  const next = setUp({}, away.folder);
  await next.journal.flush();
  expect(next.ids()).toEqual(['kept']);
});

test('a new start never writes into a file of an earlier one', async () => {
  const first = setUp();
  append(first.journal, 'one');
  const [name] = first.files();
  appendFileSync(join(first.folder, name!), '{"half":');
  const second = setUp({}, first.folder);
  append(second.journal, 'two');
  await second.journal.flush();
  expect(second.ids().toSorted()).toEqual(['one', 'two']);
  expect(existsSync(join(first.folder, name!))).toBe(false);
});

const open = (journal: Journal, ...ids: string[]) => {
  for (const requestId of ids) expect(journal.open(callRow({ requestId, errorCode: 'interrupted' }))).toBe(true);
};

test('a call that began and was cut off with its process has its row after the next start, one that was settled has its own', async () => {
  const first = setUp();
  open(first.journal, 'done', 'cut');
  append(first.journal, 'done');
  // No close: the process was killed.
  const recovered: string[] = [];
  const second = setUp(
    { onRecovered: async (rows) => void recovered.push(...rows.map((row) => JSON.parse(row).requestId)) },
    first.folder,
  );
  await second.journal.flush();
  const rows = second.database.rows.map((row) => JSON.parse(row));
  expect(rows.map(({ requestId, errorCode }) => [requestId, errorCode])).toEqual([
    ['done', undefined],
    ['cut', 'interrupted'],
  ]);
  expect(recovered).toEqual(['done', 'cut']);
  await second.journal.flush();
  expect(second.database.rows).toHaveLength(2);
  expect(second.files()).toHaveLength(1);
});

test('a file in which a running call began stays until the call is settled, though all its rows are in the database', async () => {
  const { journal, ids, files } = setUp({ segmentBytes: 3000 });
  open(journal, 'long');
  append(journal, ...many(20));
  await journal.flush();
  expect(ids()).toEqual(many(20));
  // The first, and the one that is written now.
  expect(files()).toHaveLength(2);
  append(journal, 'long');
  await journal.flush();
  expect(ids()).toContain('long');
  expect(files()).toHaveLength(1);
});

test('a call that began in one file and was settled in a later one is not cut off, also when it is read from the files', async () => {
  const first = setUp({ segmentBytes: 1500 });
  first.database.away = true;
  open(first.journal, 'long', 'cut');
  append(first.journal, ...many(10), 'long');
  expect(first.files().length).toBeGreaterThan(3);
  const second = setUp({}, first.folder);
  second.database.away = true;
  await second.journal.flush().catch(() => {});
  second.database.away = false;
  await second.journal.flush();
  expect(second.ids().toSorted()).toEqual([...many(10), 'cut', 'long'].toSorted());
  const cut = second.database.rows.filter((row) => row.includes('interrupted'));
  expect(cut.map((row) => JSON.parse(row).requestId)).toEqual(['cut']);
});

test('what was noted of running calls is no row, however many there are', async () => {
  const { journal, ids } = setUp({ maxHeldRows: 5, segmentBytes: 4000 });
  open(journal, ...many(30));
  append(journal, ...many(20));
  await journal.flush();
  await journal.flush();
  expect(ids()).toEqual(many(20));
});

test.skipIf(process.platform !== 'linux')(
  'a full disk is noticed, loses no row, and is over when there is room again',
  () => {
    const folder = temporaryFolder();
    const script = join(import.meta.dirname, '../../test/journal/append-on-full-disk.ts');
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', `trap '' XFSZ; ulimit -S -f 20; exec "$0" "$1" "$2"`, process.execPath, script, folder],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    const said = JSON.parse(stdout) as {
      refusedAt: number;
      stillFull: boolean;
      writableAgain: boolean;
      stored: string[];
      faults: number;
    };
    expect(said).toMatchObject({ stillFull: false, writableAgain: true, faults: 1 });
    expect(said.refusedAt).toBeGreaterThan(5);
    const all = Array.from({ length: said.refusedAt + 2 }, (_, index) => `row-${index}`);
    expect(said.stored.toSorted()).toEqual(all.toSorted());
    // The file: whole lines but for the one that was torn, which did not take the next one with it.
    const [file] = readdirSync(folder);
    const lines = readFileSync(join(folder, file!), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const whole = lines.filter((line) => line.endsWith('}'));
    expect(lines.length - whole.length).toBeLessThanOrEqual(1);
    // The row that the disk took half of, and the one after it, are not whole; the two after there was room are.
    expect(whole).toHaveLength(said.refusedAt);
    expect(whole.map((line) => JSON.parse(line).requestId)).toContain(`row-${said.refusedAt + 1}`);
  },
);
