import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { offerCopies } from './embedded-copy.ts';

// The embedded PostgreSQL runs in this thread, so that no query ever holds up a request. It is reached over a Unix socket
// with the same driver as a real PostgreSQL: one way to talk to a database, whichever it is.
const { dataDir, socketPath, copySocket, programDir } = workerData as {
  dataDir: string;
  socketPath: string;
  copySocket: string;
  programDir: string;
};

// PGlite would look for its program beside its own module, which in the single-file executable is in no folder.
const read = (file: string) => new Uint8Array(readFileSync(join(programDir, file)));
const [pgliteWasmModule, initdbWasmModule] = await Promise.all([
  WebAssembly.compile(read('pglite.wasm')),
  WebAssembly.compile(read('initdb.wasm')),
]);
const database = await PGlite.create({
  dataDir,
  relaxedDurability: true,
  pgliteWasmModule,
  initdbWasmModule,
  fsBundle: new Blob([read('pglite.data')]),
});
const server = new PGLiteSocketServer({ db: database, path: socketPath, maxConnections: 8 });
await server.start();
// Between two statements the files are as after a power cut, which PostgreSQL mends from its log when the copy is opened.
const copies = offerCopies(copySocket, (folder) =>
  database.runExclusive(async () => cpSync(dataDir, folder, { recursive: true })),
);
parentPort?.postMessage('ready');
parentPort?.on('message', async () => {
  copies.close();
  await server.stop();
  await database.close();
  parentPort?.postMessage('closed');
});
