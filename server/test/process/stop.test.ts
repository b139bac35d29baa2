import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type ServerOptions, type ServerProcess, startServer } from '../support/server-process.ts';

setDefaultTimeout(databaseTimeoutMs);

const running: ServerProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.end('SIGKILL')));
});

function start(options: ServerOptions = {}): ServerProcess {
  const server = startServer(options);
  running.push(server);
  return server;
}

const slow = 'providers:\n  sandbox: { kind: sandbox, options: { chunkDelayMs: 25 } }\n';
const order = (tokens: number) => ({ messages: [{ role: 'user', content: `sandbox:tokens=${tokens}` }] });

interface Call {
  requestId: string;
  outcome: string;
  status: number;
  output: number;
  estimated: boolean;
}

const callsOf = async (server: ServerProcess) =>
  ((await (await server.ask('/api/v1/calls')).json()) as { data: Call[] }).data;

test('told to stop in the middle of a stream, it finishes the stream, writes its row and ends with 0', async () => {
  const server = start({ config: slow });
  await server.ready();
  const response = await server.chat({ ...order(80), stream: true });
  const requestId = response.headers.get('x-sluice-request-id');
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = decoder.decode((await reader.read()).value, { stream: true });
  // Twice, as Ctrl-C comes: to the process itself, and passed on by the one that started it.
  void server.end('SIGTERM');
  const ended = server.end('SIGTERM');
  for (let part = await reader.read(); part.value; part = await reader.read())
    text += decoder.decode(part.value, { stream: true });
  expect(text).toEndWith('data: [DONE]\n\n');
  expect(text).toContain('"finish_reason":"stop"');
  expect(await ended).toBe(0);
  for (const lock of ['postgres.lock', 'journal/lock'])
    expect(existsSync(join(server.folder, 'data', lock))).toBe(false);

  const next = start({ folder: server.folder });
  await next.ready();
  expect(await callsOf(next)).toMatchObject([{ requestId, outcome: 'ok', status: 200, output: 80, estimated: false }]);
  // With nothing running it ends at once, whatever connections are kept open.
  const stoppedMs = performance.now();
  expect(await next.end('SIGINT')).toBe(0);
  expect(performance.now() - stoppedMs).toBeLessThan(5000);
});

test('an answer that outlasts the drain ends with an error in its dialect, not with a cut', async () => {
  const server = start({ config: `${slow}limits: { drainMs: 300 }\n` });
  await server.ready();
  const response = await server.chat({ ...order(4000), stream: true });
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = decoder.decode((await reader.read()).value, { stream: true });
  const ended = server.end('SIGTERM');
  for (let part = await reader.read(); part.value; part = await reader.read())
    text += decoder.decode(part.value, { stream: true });
  expect(text).toContain('"code":"unavailable"');
  expect(text).not.toContain('[DONE]');
  expect(await ended).toBe(0);
});

test('told to stop, it finishes an answer of the app that nobody reads any more, and ends one that outlasts the drain', async () => {
  const stateAfter = async (config: string) => {
    const server = start({ config });
    await server.ready();
    const made = await server.ask('/api/v1/keys', {
      method: 'POST',
      body: JSON.stringify({ name: 'chat', role: 'member', userId: null }),
    });
    const headers = { authorization: `Bearer ${((await made.json()) as { key: string }).key}` };
    const left = new AbortController();
    const response = await server.ask('/api/v1/chat', {
      method: 'POST',
      headers,
      signal: left.signal,
      body: JSON.stringify({ message: 'sandbox:tokens=60', model: 'sandbox/sandbox-small' }),
    });
    const reader = response.body!.getReader();
    let text = '';
    while (!text.includes('text-delta')) text += new TextDecoder().decode((await reader.read()).value);
    left.abort();
    expect(await server.end('SIGTERM')).toBe(0);
    const { messageMetadata } = JSON.parse(text.slice('data: '.length).split('\n')[0]!);
    const next = start({ folder: server.folder });
    await next.ready();
    const kept = await next.ask(`/api/v1/conversations/${messageMetadata.conversationId}`, { headers });
    const { messages } = (await kept.json()) as { messages: { state: string }[] };
    return messages.at(-1)!.state;
  };
  expect(await stateAfter(slow)).toBe('done');
  expect(await stateAfter(`${slow}limits: { drainMs: 300 }\n`)).toBe('failed');
});

test('a second process on the same data folder is refused in words, and the first goes on', async () => {
  const first = start();
  await first.ready();
  const second = start({ folder: first.folder });
  expect(await second.exited).toBe(1);
  expect(second.said.err).toMatch(
    /^Another Sluice \(process \d+\) uses this data folder\. Stop it, or choose another SLUICE_DATA_DIR/,
  );
  expect(second.said.out).not.toContain('running at');
  expect((await first.chat(order(3))).status).toBe(200);
  await first.ready();
  expect(await callsOf(first)).toHaveLength(1);
});

test('a port that is taken is refused in words', async () => {
  const first = start();
  const second = start({ environment: { PORT: new URL(await first.url).port } });
  expect(await second.exited).toBe(1);
  expect(second.said.err).toMatch(/^Port \d+ on 127\.0\.0\.1 is taken\. Set PORT to another one/);
});

test('a faulty configuration is refused with its line, and nothing is served', async () => {
  const server = start({ config: 'providers:\n  a:\n    kind: opnai\n' });
  expect(await server.exited).toBe(1);
  expect(server.said.err).toContain('sluice.yaml:3: providers.a.kind:');
  expect(server.said.out).not.toContain('running at');
});

test('killed in the middle, it starts again on what it left, and every answer that was given is in the ledger once', async () => {
  let server = start({ config: slow });
  const answered: string[] = [];
  // Kept, so that no stream is cancelled because nobody holds it any more.
  const streams: Response[] = [];
  for (let round = 0; round < 3; round++) {
    // Not ready yet: the database is still opening, and calls are answered all the same.
    await server.url;
    streams.push(await server.chat({ ...order(20_000), stream: true }));
    const answers = await Promise.all(Array.from({ length: 20 }, () => server.chat(order(2))));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      answered.push(answer.headers.get('x-sluice-request-id')!);
    }
    if (round === 1) await server.ready();
    expect(await server.end('SIGKILL')).toBeNull();
    server = start({ folder: server.folder });
  }
  await server.ready();
  const kept = (await callsOf(server)).map(({ requestId }) => requestId);
  expect(answered.filter((requestId) => kept.filter((each) => each === requestId).length !== 1)).toEqual([]);
  expect(kept).toHaveLength(answered.length);
  expect(streams).toHaveLength(3);
});

test('told again to stop, it does not wait for what runs', async () => {
  const server = start({ config: slow });
  await server.ready();
  const stream = await server.chat({ ...order(20_000), stream: true });
  void server.end('SIGINT');
  // Long enough to be a second asking.
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(await server.end('SIGINT')).toBe(1);
  expect(stream.status).toBe(200);
});
