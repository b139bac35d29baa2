// Appends rows as fast as they are taken and notes each one after append() returned, until somebody kills the process.
// Arguments: data folder, database URL or "embedded", file of notes, prefix of the request ids.
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../../src/ledger/journal.ts';
import { createCallStore } from '../../src/store/call-store.ts';
import { openDatabase } from '../../src/store/database.ts';
import { callRow } from '../support/rows.ts';

const [dataDir = '', database = '', notes = '', prefix = ''] = process.argv.slice(2);
const opening = openDatabase({ url: database === 'embedded' ? undefined : database, dataDir });
opening.catch((error: Error) => {
  console.error(error.message);
  process.exit(3);
});
const store = createCallStore(async () => (await opening).sql);
const journal = openJournal({
  folder: join(dataDir, 'journal'),
  store: store.insertJson.bind(store),
  onFault: (error) => console.error(error),
  // Small, so that a kill may fall into every step: many flushes, many segments, and rows that are read from files.
  flushEveryMs: 5,
  segmentBytes: 20_000,
  maxHeldRows: 300,
});
const noted = openSync(notes, 'a');

for (let count = 0; ; count++) {
  const requestId = `${prefix}-${count}`;
  journal.append(callRow({ requestId }));
  writeSync(noted, `${requestId}\n`);
  // About a thousand rows a second: as many as a process serves.
  if (count % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 10));
}
