import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Stands in the data folder while a process has the embedded database: the socket on which copies are asked for. */
const signFile = 'postgres.copy';
const doneWord = 'done';

/** Says where copies are asked for. */
export const showCopySocket = (dataDir: string, socket: string): void =>
  writeFileSync(join(dataDir, signFile), socket, { mode: 0o600 });

export const hideCopySocket = (dataDir: string): void => rmSync(join(dataDir, signFile), { force: true });

/** Answers whoever sends a folder's path and a line end by `copyTo` it. The socket lies in a folder that only this user can enter. */
export function offerCopies(socket: string, copyTo: (folder: string) => Promise<void>) {
  const server = createServer((peer) => {
    let asked = '';
    peer.on('error', () => {});
    peer.setEncoding('utf8').on('data', (text: string) => {
      asked += text;
      if (!asked.endsWith('\n')) return;
      copyTo(asked.slice(0, -1)).then(
        () => peer.end(doneWord),
        (error: Error) => peer.end(error.message),
      );
    });
  });
  server.listen(socket);
  return server;
}

/**
 * Has the process that uses the embedded database copy it into an empty folder, between two statements. Undefined when no
 * process offers it; rejects when the copy failed.
 */
export async function askForCopy(dataDir: string, folder: string): Promise<'copied' | undefined> {
  const sign = join(dataDir, signFile);
  if (!existsSync(sign)) return undefined;
  const peer = connect(readFileSync(sign, 'utf8'));
  const connected = await new Promise<boolean>((resolve) => {
    peer.once('connect', () => resolve(true));
    peer.once('error', () => resolve(false));
  });
  if (!connected) return undefined;
  peer.write(`${folder}\n`);
  const said = await text(peer);
  if (said !== doneWord) throw new Error(`The embedded database could not be copied: ${said || 'its process ended.'}`);
  return 'copied';
}
