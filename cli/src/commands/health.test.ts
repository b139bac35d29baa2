import { afterAll, expect, test } from 'bun:test';
import { runCli } from '../../test/run-cli.ts';

/** A server that is up, and not ready. */
const starting = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  routes: {
    '/health': Response.json({ status: 'ok' }),
    '/ready': Response.json({ status: 'starting or stopping' }, { status: 503 }),
  },
  fetch: () => new Response('no', { status: 404 }),
});
const stranger = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response('hello') });
afterAll(() => Promise.all([starting.stop(true), stranger.stop(true)]));

const health = (url: string, ...line: string[]) => runCli(['health', ...line, '--url', url]);

test('health says that a server answers, and whether it can serve, by its exit code', async () => {
  expect(await health(starting.url.origin)).toMatchObject({ code: 0, stdout: 'ok\n', stderr: '' });
  expect(await health(starting.url.origin, '--json')).toMatchObject({ code: 0, stdout: '{\n  "status": "ok"\n}\n' });
  const notReady = await health(starting.url.origin, '--ready');
  expect(notReady).toMatchObject({ code: 1, stdout: '' });
  expect(notReady.stderr).toContain(`The server at ${starting.url.origin} is starting or stopping.`);
});

test('health fails where nobody answers, or somebody else', async () => {
  const nobody = await health('http://127.0.0.1:9');
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toContain('No server is running at http://127.0.0.1:9.');
  const other = await health(stranger.url.origin);
  expect(other.code).toBe(1);
  expect(other.stderr).toContain('does not look like Sluice');
});
