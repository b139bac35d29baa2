import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { shippedPath } from '../core/shipped.ts';
import { hideCopySocket, showCopySocket } from './embedded-copy.ts';
import { takeLock } from './process-lock.ts';

export interface EmbeddedDatabase {
  /** The folder that holds the Unix socket, as the `postgres` driver wants it for `host`. */
  socketDir: string;
  close(): Promise<void>;
}

/**
 * Opens the embedded PostgreSQL (PGlite) in a worker thread. It cannot notice a second process on its folder, so an exclusive
 * lock is taken first; throws when another live process holds it.
 */
export async function openEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
  const folder = join(dataDir, 'postgres');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unlock = takeLock(
    join(dataDir, 'postgres.lock'),
    'Stop it, choose another SLUICE_DATA_DIR, or set DATABASE_URL to a PostgreSQL that several processes may share.',
  );
  // A Unix socket's path may be 107 bytes long at most; the data folder's may be longer.
  const socketDir = mkdtempSync(join(tmpdir(), 'sluice-'));
  const copySocket = join(socketDir, 'copy');
  const worker = new Worker(shippedPath('server/src/store/embedded-worker.ts'), {
    workerData: {
      dataDir: folder,
      socketPath: join(socketDir, '.s.PGSQL.5432'),
      copySocket,
      programDir: shippedPath('node_modules/@electric-sql/pglite/dist'),
    },
  });
  const said = (word: string) =>
    new Promise<void>((resolve, reject) => {
      worker.on('message', (message) => message === word && resolve());
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('The embedded database stopped.')));
    });
  const tidy = () => {
    hideCopySocket(dataDir);
    rmSync(socketDir, { recursive: true, force: true });
    unlock();
  };
  try {
    await said('ready');
    showCopySocket(dataDir, copySocket);
  } catch (error) {
    tidy();
    throw error;
  }
  return {
    socketDir,
    async close() {
      const closed = said('closed').catch(() => {});
      worker.postMessage('close');
      await closed;
      await worker.terminate();
      tidy();
    },
  };
}
