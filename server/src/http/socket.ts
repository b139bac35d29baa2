/** An open WebSocket, whatever the runtime. */
export interface Socket {
  /** Sends a text, or keeps it until the other end reads; to a closed socket it does nothing. */
  send(text: string): void;
  /** Bytes that were sent and have not left yet, because the other end reads slowly. */
  bufferedBytes(): number;
  /** Closes it. Codes of our own are between 4000 and 4999; the reason is at most 123 bytes. */
  close(code: number, reason: string): void;
}

/** What becomes of a socket. What the other end sends is not looked at. */
export interface SocketHandler {
  open(socket: Socket): void;
  /** Called once, whoever closed it. */
  closed(socket: Socket): void;
}
