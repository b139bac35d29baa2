import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestGateway, testGateway } from '../../../test/test-gateway.ts';

let ollama: Server;
let gateway: TestGateway;
const models = new Set(['llama3.2:1b']);

/** Ollama's own API, as far as it is asked here (https://docs.ollama.com/api). */
beforeAll(async () => {
  ollama = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    if (request.url === '/api/tags') {
      return response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ models: [...models].map((name) => ({ name, model: name })) }));
    }
    const { model } = JSON.parse(body) as { model: string };
    response.setHeader('content-type', 'application/x-ndjson');
    response.write('{"status":"pulling manifest"}\n');
    if (model === 'missing') return response.end('{"error":"pull model manifest: file does not exist"}\n');
    models.add(model);
    response.end('{"status":"downloading","digest":"sha256:1","total":10,"completed":10}\n{"status":"success"}\n');
  });
  await new Promise<void>((resolve) => ollama.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(ollama.address() as AddressInfo).port}`;
  gateway = await testGateway({ config: { providers: { home: { kind: 'ollama', baseUrl } } } });
}, 30_000);
afterAll(async () => {
  await gateway.stop();
  ollama.close();
});

async function pull(model: string): Promise<unknown[]> {
  const response = await gateway.fetch('/api/v1/providers/home/pull', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model }),
  });
  expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  return (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const served = async () =>
  ((await (await gateway.fetch('/v1/models')).json()) as { data: { id: string }[] }).data.map(({ id }) => id);

test('a model that Ollama is made to fetch is told step by step and can be named at once', async () => {
  const steps = await pull('qwen3:0.6b');
  expect(steps).toEqual([
    { status: 'pulling manifest' },
    { status: 'downloading', digest: 'sha256:1', totalBytes: 10, completedBytes: 10 },
    { status: 'success' },
  ]);
  expect(await served()).toContain('home/qwen3:0.6b');
});

test('a model that cannot be had ends the steps with the problem', async () => {
  expect((await pull('missing')).at(-1)).toMatchObject({
    error: { message: expect.stringContaining('file does not exist') },
  });
});

test('the test of a provider says whether it is up and what it serves', async () => {
  const response = await gateway.fetch('/api/v1/providers/home/test', { method: 'POST' });
  expect(await response.json()).toMatchObject({ id: 'home', reachable: true, keyValid: null });
});
