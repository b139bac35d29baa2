import { afterEach, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { rawRequest } from '../../test/raw-request.ts';
import { type Listener, type ServeOptions, serve } from './serve.ts';
import type { Socket, SocketHandler } from './socket.ts';

let listener: Listener;
afterEach(() => listener.stop(true));

const handshake = [
  'GET /socket HTTP/1.1',
  'host: gateway',
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** A handler that gives away the socket once it is open, and says when it is closed. */
function waitingHandler() {
  const opened = Promise.withResolvers<Socket>();
  const closed = Promise.withResolvers<Socket>();
  const handler: SocketHandler = { open: opened.resolve, closed: closed.resolve };
  return { handler, opened: opened.promise, closed: closed.promise };
}

function serving(upgrade?: ServeOptions['upgrade']): string {
  listener = serve({ host: '127.0.0.1', port: 0, fetch: () => new Response('plain'), upgrade });
  return listener.url;
}

test('a request that wants a socket gets one, an answer, or what it would get without', async () => {
  const { handler, opened } = waitingHandler();
  const url = serving(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/socket') return handler;
    return pathname === '/refused' ? new Response('no', { status: 403 }) : undefined;
  });
  const client = new WebSocket(`${url.replace('http', 'ws')}/socket`);
  const message = new Promise((resolve) => {
    client.onmessage = ({ data }) => resolve(data);
  });
  (await opened).send('hello');
  expect(await message).toBe('hello');
  const headers = { connection: 'Upgrade', upgrade: 'websocket' };
  expect((await fetch(`${url}/refused`, { headers })).status).toBe(403);
  expect(await (await fetch(`${url}/elsewhere`, { headers })).text()).toBe('plain');
  expect(await (await fetch(`${url}/socket`)).text()).toBe('plain');
  // No key: no handshake.
  expect((await fetch(`${url}/socket`, { headers })).status).toBe(400);
});

test('without anybody who takes sockets such a request is one like any other', async () => {
  const answer = await rawRequest(serving(), `${handshake.join('\r\n')}\r\n\r\n`, /plain/);
  expect(answer).toStartWith('HTTP/1.1 200');
});

test('what somebody does not read is seen to pile up', async () => {
  const { handler, opened } = waitingHandler();
  const url = serving(async () => handler);
  const slow = connect(Number(new URL(url).port), '127.0.0.1');
  slow.on('error', () => {});
  slow.pause();
  slow.write(`${handshake.join('\r\n')}\r\n\r\n`);
  const socket = await opened;
  // The kernel takes some megabytes first.
  for (let sent = 0; sent < 1000 && socket.bufferedBytes() < 1_000_000; sent++) socket.send('x'.repeat(100_000));
  expect(socket.bufferedBytes()).toBeGreaterThan(1_000_000);
  slow.destroy();
});

test('a socket that sends more than it may is cut off', async () => {
  const { handler, opened, closed } = waitingHandler();
  const client = new WebSocket(`${serving(async () => handler).replace('http', 'ws')}/socket`);
  await new Promise((resolve) => {
    client.onopen = resolve;
  });
  client.send('short, and not looked at');
  client.send('x'.repeat(100_000));
  expect(await closed).toBe(await opened);
});

test('who stops serving closes the sockets, and waits for nobody who holds one', async () => {
  const { handler, opened, closed } = waitingHandler();
  const client = new WebSocket(`${serving(async () => handler).replace('http', 'ws')}/socket`);
  const ended = new Promise<number>((resolve) => {
    client.onclose = ({ code }) => resolve(code);
  });
  await opened;
  await listener.stop(false);
  expect(await closed).toBe(await opened);
  expect(await ended).toBe(1001);
});
