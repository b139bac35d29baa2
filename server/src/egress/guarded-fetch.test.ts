import { afterEach, expect, test } from 'bun:test';
import { gzipSync } from 'node:zlib';
import { SluiceError } from '../core/sluice-error.ts';
import { createGuardedFetch, type GuardedFetchDeps, type GuardedFetchOptions } from './guarded-fetch.ts';
import { type LocalServer, selfSigned, serve, serveBytes } from './testing.ts';

const opened: LocalServer[] = [];
const open = async (starting: Promise<LocalServer>): Promise<LocalServer> => {
  const server = await starting;
  opened.push(server);
  return server;
};
const openCanary = () => open(serve((_request, response) => response.end('found')));
afterEach(() => Promise.all(opened.splice(0).map((server) => server.close())));

const loopback = [{ address: '127.0.0.1', family: 4 }];
/** Stands for a public address: nobody's, and routed nowhere (RFC 5737), so the operator's list has to allow it. */
const nowhere = [{ address: '192.0.2.1', family: 4 }];

/** Fetches with the host `start.test` allowed, whose name leads to this machine as every other name does. */
function fetchWith(url: string, deps: Partial<GuardedFetchDeps> = {}, options: Partial<GuardedFetchOptions> = {}) {
  const guardedFetch = createGuardedFetch({
    allow: () => ['start.test'],
    maxBytes: 100_000,
    timeoutMs: 5000,
    lookup: async () => loopback,
    ...deps,
  });
  return guardedFetch(url, { signal: new AbortController().signal, ...options });
}

async function faultOf(fetching: Promise<unknown>): Promise<SluiceError> {
  const outcome = await fetching.catch((thrown: unknown) => thrown);
  if (!(outcome instanceof SluiceError)) throw new Error(`no SluiceError but ${String(outcome)}`);
  return outcome;
}

test('the allow-list lets a local server through, by name, by port and by network', async () => {
  const server = await open(
    serve((_request, response) => response.setHeader('content-type', 'Text/Plain; charset=utf-8').end('hello')),
  );
  for (const entry of [
    'start.test',
    `start.test:${server.port}`,
    '127.0.0.1',
    `127.0.0.1:${server.port}`,
    '127.0.0.0/8',
  ]) {
    const url = `http://start.test:${server.port}/a?b=c`;
    const { bytes, contentType, finalUrl } = await fetchWith(url, { allow: () => [entry] });
    expect(bytes.toString()).toBe('hello');
    expect(contentType).toBe('Text/Plain; charset=utf-8');
    expect(finalUrl).toBe(url);
  }
  for (const entry of ['other.test', `start.test:${server.port + 1}`, '127.0.0.2', '10.0.0.0/8']) {
    const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`, { allow: () => [entry] }));
    expect(fault.code).toBe('invalid_request');
  }
  expect(server.hits).toBe(5);
});

test('the request says no more than it must', async () => {
  let seen: Record<string, unknown> = {};
  const server = await open(
    serve((request, response) => {
      seen = { method: request.method, url: request.url, ...request.headers };
      response.setHeader('set-cookie', 'a=b').end();
    }),
  );
  const url = `http://START.test.:${server.port}/path%20x?q=%0d%0a#fragment`;
  await fetchWith(url);
  await fetchWith(url);
  expect(seen).toEqual({
    method: 'GET',
    url: '/path%20x?q=%0d%0a',
    host: `start.test.:${server.port}`,
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': 'sluice',
    connection: 'close',
  });
});

test.each([
  'http://127.0.0.1:PORT/',
  'http://127.1:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f000001:PORT/',
  'http://[::1]:PORT/',
  'http://[::ffff:7f00:1]:PORT/',
  'http://canary.test:PORT/',
  'http://localhost:PORT/',
  'http://user:pass@start.test:PORT/',
  '//127.0.0.1:PORT/',
  '\\\\127.0.0.1:PORT\\',
  'https://127.0.0.1:PORT/',
  'ftp://127.0.0.1:PORT/',
  'file:///etc/passwd',
  'http://',
  'gopher://start.test:PORT/',
])('a redirect to %s is refused before anybody is called', async (location) => {
  const canary = await openCanary();
  for (const status of [301, 302, 303, 307, 308]) {
    const server = await open(
      serve((_request, response) =>
        response.writeHead(status, { location: location.replace('PORT', `${canary.port}`) }).end(),
      ),
    );
    const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`));
    expect(fault.code).toBe('invalid_request');
    expect(fault.message).not.toMatch(/127\.|canary|localhost|passwd|found/);
    expect(server.hits).toBe(1);
  }
  expect(canary.hits).toBe(0);
});

test('three redirects are followed, relative ones too; a fourth is refused', async () => {
  const asked: string[] = [];
  const server = await open(
    serve((request, response) => {
      asked.push(request.url!);
      const left = Number(request.url!.slice('/a/'.length));
      if (left === 0) response.end('there');
      else response.writeHead(302, { location: left === 2 ? `//start.test:${server.port}/a/1` : `${left - 1}` }).end();
    }),
  );
  const { bytes, finalUrl } = await fetchWith(`http://start.test:${server.port}/a/3`);
  expect(bytes.toString()).toBe('there');
  expect(finalUrl).toBe(`http://start.test:${server.port}/a/0`);
  expect(asked).toEqual(['/a/3', '/a/2', '/a/1', '/a/0']);
  const fault = await faultOf(fetchWith(`http://start.test:${server.port}/a/4`));
  expect(fault).toMatchObject({
    code: 'invalid_request',
    message: `The address on start.test:${server.port} redirects more than 3 times.`,
  });
  expect(asked.length).toBe(8);
});

test('a name that answers with a public address first and a private one later is asked once', async () => {
  const canary = await openCanary();
  let asked = 0;
  const lookup = async () => (asked++ === 0 ? nowhere : loopback);
  const fault = await faultOf(
    fetchWith(`http://rebind.test:${canary.port}/`, { lookup, allow: () => ['192.0.2.1'], timeoutMs: 150 }),
  );
  expect(fault.code).toBe('upstream_unreachable');
  expect(asked).toBe(1);
  expect(canary.hits).toBe(0);
});

test('a name that changes its address between a redirect and the next request is checked again', async () => {
  const canary = await openCanary();
  const server = await open(
    serve((_request, response) => response.writeHead(302, { location: `http://rebind.test:${canary.port}/` }).end()),
  );
  const asked: string[] = [];
  const lookup = async (hostname: string) => {
    asked.push(hostname);
    return loopback;
  };
  const url = `http://rebind.test:${server.port}/`;
  const fault = await faultOf(fetchWith(url, { lookup, allow: () => [`rebind.test:${server.port}`] }));
  expect(fault.code).toBe('invalid_request');
  expect(asked).toEqual(['rebind.test', 'rebind.test']);
  expect(canary.hits).toBe(0);
});

test.each([
  ['the private one last', [...nowhere, ...loopback]],
  ['the private one first', [...loopback, ...nowhere]],
  ['the private one mapped', [...nowhere, { address: '::ffff:127.0.0.1', family: 6 }]],
  ['the private one with a zone', [...nowhere, { address: 'fe80::1%lo', family: 6 }]],
  ['no address at all', []],
  ['something that is no address', [{ address: 'localhost', family: 4 }]],
])('a name with several addresses is refused when one of them is not public: %s', async (_case, addresses) => {
  const canary = await openCanary();
  const fetching = fetchWith(`http://both.test:${canary.port}/`, {
    lookup: async () => addresses,
    allow: () => ['192.0.2.1'],
    timeoutMs: 500,
  });
  expect((await faultOf(fetching)).code).toBe('invalid_request');
  expect(canary.hits).toBe(0);
});

test('a name that does not exist is refused in the very words of one that leads inside', async () => {
  const canary = await openCanary();
  const none = async () => {
    throw Object.assign(new Error('getaddrinfo ENOTFOUND db.test'), { code: 'ENOTFOUND' });
  };
  const url = `http://db.test:${canary.port}/`;
  const absent = await faultOf(fetchWith(url, { lookup: none }));
  const inside = await faultOf(fetchWith(url));
  const dead = await faultOf(fetchWith(url, { lookup: async () => [{ address: '10.9.8.7', family: 4 }] }));
  expect(inside.message).toBe(absent.message);
  expect(dead.message).toBe(absent.message);
  expect([inside.code, absent.code, dead.code]).toEqual(['invalid_request', 'invalid_request', 'invalid_request']);
  expect(inside.facts).toEqual(absent.facts);
  expect(canary.hits).toBe(0);
});

test('a resolver that fails, and a host that refuses, are the host’s fault', async () => {
  const failing = async () => {
    throw Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
  };
  expect((await faultOf(fetchWith('http://start.test/', { lookup: failing }))).code).toBe('upstream_unreachable');
  const server = await openCanary();
  await server.close();
  const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`));
  expect(fault.code).toBe('upstream_unreachable');
  expect(fault.message).toBe(`The host start.test:${server.port} could not be reached.`);
});

test.each([
  [404, 'invalid_request'],
  [403, 'invalid_request'],
  [204, 'invalid_request'],
  [206, 'invalid_request'],
  [304, 'invalid_request'],
  [300, 'invalid_request'],
  [429, 'upstream_unreachable'],
  [500, 'upstream_unreachable'],
  [503, 'upstream_unreachable'],
])('status %d is %s', async (status, code) => {
  const server = await open(serve((_request, response) => response.writeHead(status).end()));
  const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`));
  expect(fault).toMatchObject({ code, message: expect.stringContaining(`answered with status ${status}`) });
});

test('only the content types that are asked for are taken', async () => {
  const server = await open(
    serve((request, response) => {
      if (request.url !== '/') response.setHeader('content-type', decodeURIComponent(request.url!.slice(1)));
      response.end('x');
    }),
  );
  const get = (path: string, accept: RegExp) => fetchWith(`http://start.test:${server.port}/${path}`, {}, { accept });
  expect((await get('IMAGE%2FPNG%3B%20a%3Db', /^image\/png$/)).contentType).toBe('IMAGE/PNG; a=b');
  expect((await get('', /^application\/octet-stream$/)).contentType).toBe('application/octet-stream');
  expect((await faultOf(get('text%2Fhtml', /^image\//))).code).toBe('invalid_request');
  expect((await faultOf(get('', /^image\//))).code).toBe('invalid_request');
});

test('a body is taken up to the last allowed byte and no further, announced or not', async () => {
  let announce = true;
  const server = await open(
    serve((request, response) => {
      const body = Buffer.alloc(Number(request.url!.slice(1)), 7);
      if (announce) response.setHeader('content-length', body.length);
      response.write(body.subarray(0, 1));
      response.end(body.subarray(1));
    }),
  );
  for (announce of [true, false]) {
    const get = (size: number) => fetchWith(`http://start.test:${server.port}/${size}`);
    expect((await get(100_000)).bytes.length).toBe(100_000);
    const fault = await faultOf(get(100_001));
    expect(fault).toMatchObject({
      code: 'invalid_request',
      message: `The address on start.test:${server.port} holds more than 100000 bytes.`,
    });
  }
});

test('an endless body is stopped and its connection closed', async () => {
  let written = 0;
  const server = await open(
    serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const piece = Buffer.alloc(64 * 1024);
      const pour = () => {
        while (!socket.destroyed && written < 1e9) {
          written += piece.length;
          if (!socket.write(piece)) return;
        }
      };
      socket.on('drain', pour);
      pour();
    }),
  );
  expect((await faultOf(fetchWith(`http://start.test:${server.port}/`))).code).toBe('invalid_request');
  await server.idle();
  expect(written).toBeLessThan(50_000_000);
});

test.each([
  ['refused', 'HTTP/1.1 404 Not Found\r\n\r\nabc'],
  ['a redirect', 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\nabc'],
])('an answer that is %s is not read to its end: its connection is closed', async (_case, text) => {
  const server = await open(serveBytes((socket) => socket.write(text)));
  expect((await faultOf(fetchWith(`http://start.test:${server.port}/`))).code).toBe('invalid_request');
  await server.idle();
});

test('a compressed answer is refused unread, so a bomb cannot go off', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const server = await open(
    serve((request, response) => response.writeHead(200, { 'content-encoding': request.url!.slice(1) }).end(bomb)),
  );
  let taken = 0;
  const onBytes = (count: number) => {
    taken += count;
  };
  for (const encoding of ['gzip', 'br', 'deflate', 'zstd', 'x-gzip', 'gzip, identity']) {
    const fault = await faultOf(fetchWith(`http://start.test:${server.port}/${encodeURI(encoding)}`, {}, { onBytes }));
    expect(fault.code).toBe('invalid_request');
  }
  expect(taken).toBe(0);
  const plain = await fetchWith(`http://start.test:${server.port}/identity`, {}, { onBytes });
  expect(plain.bytes.equals(bomb)).toBe(true);
  expect(taken).toBe(bomb.length);
});

test.each([
  ['that never answers', ''],
  ['that stops in its headers', 'HTTP/1.1 200 OK\r\ncontent-le'],
  ['that stops in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'],
])('a server %s is given up at the deadline, and its connection closed', async (_case, text) => {
  const server = await open(serveBytes((socket) => socket.write(text)));
  const startedMs = performance.now();
  const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`, { timeoutMs: 60 }));
  expect(performance.now() - startedMs).toBeLessThan(2000);
  expect(fault).toMatchObject({
    code: 'upstream_unreachable',
    message: `The host start.test:${server.port} took longer than 60 ms.`,
  });
  await server.idle();
});

test('the deadline is one for all redirects', async () => {
  const server = await open(
    serve((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 40);
    }),
  );
  const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`, { timeoutMs: 100 }));
  expect(fault.message).toContain('took longer than 100 ms');
  expect(server.hits).toBeGreaterThan(1);
});

test('a dripping body does not move the deadline', async () => {
  const server = await open(
    serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(drip));
    }),
  );
  const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`, { timeoutMs: 80 }));
  expect(fault.message).toContain('took longer than 80 ms');
  await server.idle();
});

test('a resolver that never answers is given up at the deadline', async () => {
  const fault = await faultOf(fetchWith('http://start.test/', { lookup: () => new Promise(() => {}), timeoutMs: 30 }));
  expect(fault).toMatchObject({ code: 'upstream_unreachable', message: 'The host start.test took longer than 30 ms.' });
});

test('a caller who hangs up ends the fetch and its connection', async () => {
  const caller = new AbortController();
  const server = await open(
    serveBytes((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nabc');
      caller.abort();
    }),
  );
  const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`, {}, { signal: caller.signal }));
  expect(fault.code).toBe('client_closed');
  await server.idle();

  const reason = new SluiceError('unavailable', 'stopping');
  const stopped = fetchWith(`http://start.test:${server.port}/`, {}, { signal: AbortSignal.abort(reason) });
  expect(await faultOf(stopped)).toBe(reason);
  expect(server.hits).toBe(1);
});

test.each([
  ['cut in its body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'],
  ['cut in a chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\nabc'],
  ['cut in its headers', 'HTTP/1.1 200 OK\r\ncontent-'],
  ['that is empty', ''],
  ['that is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['with endless headers', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(1_000_000)}\r\n\r\n`],
  ['that switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
])('an answer %s is the host’s fault and says nothing of what was found', async (_case, text) => {
  const server = await open(serveBytes((socket) => socket.end(text)));
  const fault = await faultOf(fetchWith(`http://start.test:${server.port}/`, { timeoutMs: 2000 }));
  expect(fault).toMatchObject({
    code: 'upstream_unreachable',
    message: `The host start.test:${server.port} could not be reached.`,
  });
});

test('over TLS the certificate must be the host name’s, though the connection goes to an address', async () => {
  const own = selfSigned('start.test');
  const server = await open(serve((_request, response) => response.end('safe'), own));
  const allow = () => ['127.0.0.1'];
  const certificateAuthorities = [own.cert];
  const good = await fetchWith(`https://start.test:${server.port}/`, { allow, certificateAuthorities });
  expect(good.bytes.toString()).toBe('safe');
  for (const [host, trusted] of [
    ['other.test', certificateAuthorities],
    ['127.0.0.1', certificateAuthorities],
    ['start.test', undefined],
  ] as const) {
    const deps = { allow, ...(trusted && { certificateAuthorities: [...trusted] }) };
    const fault = await faultOf(fetchWith(`https://${host}:${server.port}/`, deps));
    expect(fault.code).toBe('upstream_unreachable');
  }
});

test('a redirect may go from http to https but not back', async () => {
  const own = selfSigned('start.test');
  const plain = await open(
    serve((_request, response) => response.writeHead(302, { location: `https://start.test:${safe.port}/end` }).end()),
  );
  const safe = await open(
    serve((request, response) => {
      if (request.url === '/end') response.end('safe');
      else response.writeHead(302, { location: `http://start.test:${plain.port}/` }).end();
    }, own),
  );
  const deps = { certificateAuthorities: [own.cert] };
  expect((await fetchWith(`http://start.test:${plain.port}/`, deps)).bytes.toString()).toBe('safe');
  const before = plain.hits;
  const fault = await faultOf(fetchWith(`https://start.test:${safe.port}/`, deps));
  expect(fault).toMatchObject({
    code: 'invalid_request',
    message: `The address on start.test:${safe.port} redirects from https to http.`,
  });
  expect(plain.hits).toBe(before);
});
