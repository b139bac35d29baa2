import type { Socket } from 'node:net';

/** The writing side of one connection, which knows when it is full and when the other side has gone. */
export interface Connection {
  /** Waits while the socket is full. Rejects with `ConnectionClosed` when the other side has gone. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Waits, or rejects with `ConnectionClosed`. */
  wait(until: Promise<unknown>): Promise<void>;
  /** Breaks the connection without a good end. */
  cut(): void;
  end(): void;
  readonly isClosed: boolean;
}

export class ConnectionClosed extends Error {}

export interface ConnectionDeps {
  onClose(): void;
  /** Told with true when a write found the socket full, with false when it had room again. */
  onFull(full: boolean): void;
}

export function createConnection(socket: Socket, { onClose, onFull }: ConnectionDeps): Connection {
  const closed = Promise.withResolvers<never>();
  closed.promise.catch(() => {});
  let isClosed = false;
  let drained: PromiseWithResolvers<void> | undefined;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    closed.reject(new ConnectionClosed());
    onClose();
  };
  socket.setNoDelay(true);
  socket.on('drain', () => drained?.resolve());
  socket.on('end', close);
  socket.on('close', close);
  socket.on('error', close);

  return {
    async write(bytes) {
      if (isClosed) throw new ConnectionClosed();
      if (socket.write(bytes)) return;
      drained = Promise.withResolvers<void>();
      onFull(true);
      await Promise.race([drained.promise, closed.promise]);
      onFull(false);
    },
    async wait(until) {
      await Promise.race([until, closed.promise]);
    },
    cut() {
      socket.resetAndDestroy?.();
      socket.destroy();
    },
    end() {
      socket.end();
    },
    get isClosed() {
      return isClosed;
    },
  };
}
