import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

// The embedded PostgreSQL runs in this thread, so that no query ever holds up a request. It is reached over a Unix socket
// with the same driver as a real PostgreSQL: one way to talk to a database, whichever it is.
const { dataDir, socketPath, programDir } = workerData as { dataDir: string; socketPath: string; programDir: string };

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
parentPort?.postMessage('ready');
parentPort?.on('message', async () => {
  await server.stop();
  await database.close();
  parentPort?.postMessage('closed');
});
