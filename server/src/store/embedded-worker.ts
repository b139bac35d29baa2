import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

// The embedded PostgreSQL runs in this thread, so that no query ever holds up a request. It is reached over a Unix socket
// with the same driver as a real PostgreSQL: one way to talk to a database, whichever it is.
const { dataDir, socketPath } = workerData as { dataDir: string; socketPath: string };

const database = await PGlite.create({ dataDir, relaxedDurability: true });
const server = new PGLiteSocketServer({ db: database, path: socketPath, maxConnections: 8 });
await server.start();
parentPort?.postMessage('ready');
parentPort?.on('message', async () => {
  await server.stop();
  await database.close();
  parentPort?.postMessage('closed');
});
