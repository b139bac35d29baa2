import { readFileSync } from 'node:fs';

/** What the kernel holds of the TCP connections of this machine (Linux). */
export interface TcpSocket {
  localPort: number;
  remotePort: number;
  /** Bytes that were written and not yet taken by the other side's kernel. */
  sendQueue: number;
  /** Bytes that have arrived and were not yet read. */
  receiveQueue: number;
}

const portOf = (address: string): number => Number.parseInt(address.slice(address.lastIndexOf(':') + 1), 16);

/** Every connected TCP socket over IPv4, as proc_net_tcp(5) tells. */
export const tcpSockets = (): TcpSocket[] =>
  readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '01')
    .map((fields) => {
      const [sendQueue = 0, receiveQueue = 0] = fields[4]!.split(':').map((figure) => Number.parseInt(figure, 16));
      return { localPort: portOf(fields[1]!), remotePort: portOf(fields[2]!), sendQueue, receiveQueue };
    });

/** Bytes on the way from the server at a port to its callers: sent and not yet read. */
export const bytesOnTheWay = (serverPort: number): number =>
  tcpSockets().reduce((sum, { localPort, remotePort, sendQueue, receiveQueue }) => {
    if (localPort === serverPort) return sum + sendQueue;
    return remotePort === serverPort ? sum + receiveQueue : sum;
  }, 0);
