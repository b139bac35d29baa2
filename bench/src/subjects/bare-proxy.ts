/**
 * The yardstick, as a process of its own: `bare-proxy.ts <upstream base>`. The least that a Bun proxy can do.
 * `/json/...` parses the request and the answer and writes both anew; `/pipe/...` passes the answer's bytes on.
 */
const upstream = process.argv[2];
if (!upstream) throw new Error('usage: bare-proxy.ts <upstream base>');

const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  idleTimeout: 0,
  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path.startsWith('/json/')) {
      const answer = await call(path.slice(5), JSON.stringify(await request.json()), request.signal);
      return Response.json(await answer.json(), { status: answer.status });
    }
    if (path.startsWith('/pipe/')) {
      const answer = await call(path.slice(5), await request.arrayBuffer(), request.signal);
      return new Response(answer.body, {
        status: answer.status,
        headers: { 'content-type': answer.headers.get('content-type') ?? 'application/octet-stream' },
      });
    }
    return new Response(null, { status: path === '/health' ? 200 : 404 });
  },
});

process.send?.({ port: server.port });
process.on('disconnect', () => process.exit(0));

function call(path: string, body: string | ArrayBuffer, signal: AbortSignal): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };
  return fetch(upstream + path, { method: 'POST', headers, body, signal });
}
