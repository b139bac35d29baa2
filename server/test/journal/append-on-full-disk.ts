// Appends rows under a limit on the size of files, which the disk meets with a short write and then with errors, and again
// after the limit is gone. Prints what the journal said. Arguments: folder of the journal.
import { spawnSync } from 'node:child_process';
import { openJournal } from '../../src/ledger/journal.ts';
import { callRow } from '../support/rows.ts';

const stored: string[] = [];
const faults: string[] = [];
const journal = openJournal({
  folder: process.argv[2]!,
  store: async (rows) => {
    stored.push(...rows.map((row) => JSON.parse(row).requestId));
    return [];
  },
  onFault: (error) => faults.push(String(error)),
  flushEveryMs: 1_000_000,
});
let count = 0;
const append = () => journal.append(callRow({ requestId: `row-${count++}` }));
while (journal.isWritable()) append();
append();
const refusedAt = count;
const stillFull = journal.isWritable();
spawnSync('prlimit', ['--pid', String(process.pid), '--fsize=unlimited']);
const writableAgain = journal.isWritable();
append();
append();
await journal.flush();
console.log(JSON.stringify({ refusedAt, stillFull, writableAgain, stored, faults: faults.length }));
// As a crash would: without closing.
process.exit(0);
