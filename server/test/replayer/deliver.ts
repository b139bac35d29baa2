import type { Answer } from './answer.ts';
import { type Written, writeAnswer } from './body-pieces.ts';
import type { Connection } from './connection.ts';
import type { RawRequest } from './request-reader.ts';

/** What is noted while an answer leaves. */
export interface Progress {
  /** Events (or the one whole body) handed to the socket. */
  eventsWritten: number;
  /** Bytes of the body handed to the socket, framing of HTTP not counted. */
  bytesWritten: number;
}

export interface Exchange {
  request: RawRequest;
  answer: Answer;
  connection: Connection;
  progress: Progress;
  /** Resolves when those who hold are released. */
  released: Promise<void>;
  sleep(ms: number): Promise<void>;
}

/** Writes one answer as its delivery says. Resolves with whether the connection may serve another request. */
export async function deliver({ request, answer, connection, progress, released, sleep }: Exchange): Promise<boolean> {
  const { delivery } = answer;
  const written = writeAnswer(answer, request);
  if (delivery.delayHeadersMs) await connection.wait(sleep(delivery.delayHeadersMs));
  if (delivery.holdHeaders) await connection.wait(released);
  const closes = delivery.close === true || delivery.bytesAfterEnd !== undefined;
  await connection.write(head(written, closes, delivery.endless === true));
  if (delivery.delayFirstByteMs) await connection.wait(sleep(delivery.delayFirstByteMs));

  const writeBody = bodyWriter(written, connection, progress, delivery.pieceBytes, delivery.splitAt);
  for (const piece of piecesOf(written, delivery.endless === true)) {
    if (delivery.holdAfter === progress.eventsWritten) await connection.wait(released);
    if (delivery.cutAfter === progress.eventsWritten) return cut(connection);
    if (delivery.endAfter === progress.eventsWritten) break;
    const room = (delivery.cutAfterBytes ?? Number.POSITIVE_INFINITY) - progress.bytesWritten;
    if (room < piece.length) {
      await writeBody(piece.subarray(0, room));
      return cut(connection);
    }
    await writeBody(piece);
    progress.eventsWritten += 1;
    if (delivery.eventDelayMs) await connection.wait(sleep(delivery.eventDelayMs));
  }
  if (delivery.holdAfter === progress.eventsWritten) await connection.wait(released);
  if (delivery.cutAfter === progress.eventsWritten) return cut(connection);
  if (written.streamed) await connection.write('0\r\n\r\n');
  if (delivery.bytesAfterEnd !== undefined) await connection.write(delivery.bytesAfterEnd);
  if (closes) connection.end();
  return !closes;
}

function cut(connection: Connection): false {
  connection.cut();
  return false;
}

function head({ status, headers, pieces, streamed }: Written, closes: boolean, endless: boolean): string {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all: Record<string, string> = {
    ...(streamed || endless ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) }),
    connection: closes ? 'close' : 'keep-alive',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Recorded\r\n${lines.join('')}\r\n`;
}

function* piecesOf({ pieces }: Written, endless: boolean): Generator<Uint8Array> {
  if (!endless) return yield* pieces;
  const middle = Math.max(0, Math.floor(pieces.length / 2) - 1);
  yield* pieces.slice(0, middle);
  while (true) yield pieces[middle]!;
}

/** Writes body bytes, in the smaller pieces that were asked for, each as a packet of its own. */
function bodyWriter(
  { streamed }: Written,
  connection: Connection,
  progress: Progress,
  pieceBytes?: number,
  splitAt?: number,
) {
  return async function writeBody(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const toSplit = splitAt === undefined ? 0 : splitAt - progress.bytesWritten;
      const length = toSplit > 0 ? Math.min(toSplit, bytes.length - at) : (pieceBytes ?? bytes.length - at);
      const part = bytes.subarray(at, at + length);
      at += part.length;
      progress.bytesWritten += part.length;
      await connection.write(
        streamed ? Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]) : part,
      );
      // Another turn of the event loop, so that the pieces leave one by one.
      if (pieceBytes !== undefined || toSplit > 0)
        await connection.wait(new Promise((resolve) => setImmediate(resolve)));
    }
  };
}
