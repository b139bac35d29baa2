import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';

export interface LocalServer {
  port: number;
  /** Connections, whether or not a request came over them. */
  hits: number;
  /** Resolves when the last connection is gone. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** A web server on 127.0.0.1, for tests; over TLS when it gets a certificate. */
export const serve = (listener: RequestListener, tls?: ServerOptions): Promise<LocalServer> =>
  listen(tls ? createHttpsServer(tls, listener) : createHttpServer(listener));

/** A server that speaks bytes: `answer` is written as soon as something was asked. */
export const serveBytes = (answer: (socket: Socket) => void): Promise<LocalServer> =>
  listen(createTcpServer((socket) => socket.once('data', () => answer(socket))));

async function listen(server: Server): Promise<LocalServer> {
  const open = new Set<Socket>();
  let whenIdle = () => {};
  const local: LocalServer = {
    port: 0,
    hits: 0,
    idle: () => (open.size === 0 ? Promise.resolve() : new Promise((resolve) => (whenIdle = resolve))),
    close() {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  server.on('connection', (socket: Socket) => {
    local.hits++;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      if (open.size === 0) whenIdle();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  local.port = (server.address() as AddressInfo).port;
  return local;
}

/** A key and a certificate that it signed itself (X.509 v3, P-256), for one host name, in PEM. */
export function selfSigned(hostname: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const commonName = der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(hostname)));
  const name = der(0x30, der(0x31, commonName));
  const time = (text: string) => der(0x18, Buffer.from(text));
  const alternativeNames = der(
    0x30,
    der(0x06, Buffer.from('551d11', 'hex')),
    der(0x04, der(0x30, der(0x82, Buffer.from(hostname)))),
  );
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaWithSha256,
    name,
    der(0x30, time('20200101000000Z'), time('20991231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, alternativeNames)),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = der(0x30, toBeSigned, ecdsaWithSha256, der(0x03, Buffer.of(0), signature));
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

/** One value in DER (X.690): its tag, its length, its content. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}
