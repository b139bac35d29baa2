import { afterEach, expect, test } from 'bun:test';
import { anthropicEvents, jsonReply, openaiAnswer, openaiEvents, streamReply } from '../traffic.ts';
import type { Batch } from './batch.ts';
import { runBatch } from './run-batch.ts';

const servers: { stop: (closeActive: boolean) => unknown }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});

/** A server whose nth answer is the nth of the list, and then the last one of it for ever. */
function serve(...answers: (() => Response)[]): string {
  let count = 0;
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch() {
      const answer = answers[Math.min(count, answers.length - 1)]!;
      count += 1;
      return answer();
    },
  });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

const json = () => new Response(openaiAnswer());
const stream = (events: string[]) => () =>
  new Response(events.join(''), { headers: { 'content-type': 'text/event-stream' } });

function jsonBatch(base: string, requests = 20): Batch {
  const target = { base, headers: { authorization: 'Bearer test' } };
  return { target, question: { dialect: 'openai', model: 'tiny' }, reply: jsonReply, requests, concurrency: 1 };
}

function streamBatch(base: string, dialect: 'openai' | 'anthropic'): Batch {
  const question = { dialect, model: 'tiny', stream: { paceMs: 0, events: 60 } };
  return { ...jsonBatch(base), question, reply: streamReply(dialect, 60) };
}

test('right answers are counted, with their size and the time to their first byte', async () => {
  const result = await runBatch({ ...jsonBatch(serve(json)), concurrency: 4 });
  expect(result).toMatchObject({ requests: 20, bytes: openaiAnswer().length });
  expect(result.firstByteMs).toHaveLength(20);
  expect(result.peakUnderWay).toBeGreaterThanOrEqual(1);
});

test('complete streams of both dialects pass', async () => {
  expect((await runBatch(streamBatch(serve(stream(openaiEvents(60))), 'openai'))).requests).toBe(20);
  expect((await runBatch(streamBatch(serve(stream(anthropicEvents(60))), 'anthropic'))).requests).toBe(20);
});

test('a wrong status fails the batch with what the server said', async () => {
  const base = serve(() => Response.json({ error: 'no such model' }, { status: 404 }));
  await expect(runBatch(jsonBatch(base))).rejects.toThrow('status 404: {"error":"no such model"}');
});

test('a wrong status late in the batch fails it too', async () => {
  const base = serve(...Array.from({ length: 7 }, () => json), () => new Response('busy', { status: 429 }));
  await expect(runBatch(jsonBatch(base))).rejects.toThrow('status 429: busy');
});

test('a text that is not the upstream one fails the batch', async () => {
  const other = () => new Response(openaiAnswer().replace('A gateway', 'A cat'));
  await expect(runBatch(jsonBatch(serve(other)))).rejects.toThrow("not the mock's");
});

test('a later answer of another size fails the batch', async () => {
  const short = () => new Response(JSON.stringify({ choices: [] }));
  await expect(runBatch(jsonBatch(serve(json, json, short)))).rejects.toThrow('bytes where');
});

test('a stream without its end fails the batch, first or later', async () => {
  const whole = stream(openaiEvents(60));
  const cut = stream([openaiEvents(60).join('').replace('data: [DONE]\n\n', '')]);
  await expect(runBatch(streamBatch(serve(cut), 'openai'))).rejects.toThrow('without data: [DONE]');
  await expect(runBatch(streamBatch(serve(whole, whole, cut), 'openai'))).rejects.toThrow('without data: [DONE]');
  const lost = stream(anthropicEvents(60).slice(0, -1));
  await expect(runBatch(streamBatch(serve(lost), 'anthropic'))).rejects.toThrow('without "message_stop"');
});

test('every wrong key is another one, and a request that is not refused fails the batch', async () => {
  const keys = new Set<string | null>();
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      keys.add(request.headers.get('authorization'));
      return keys.size <= 10 ? new Response('{}', { status: 401 }) : new Response(openaiAnswer());
    },
  });
  servers.push(server);
  const batch: Batch = { ...jsonBatch(`http://127.0.0.1:${server.port}`, 10), wrongKey: 'unknown', concurrency: 2 };
  expect((await runBatch(batch)).requests).toBe(10);
  expect(keys.size).toBe(10);
  await expect(runBatch(batch)).rejects.toThrow('status 200 where 401 was right');
});

test('a batch that is stopped ends with what was answered', async () => {
  const stop = new AbortController();
  const running = runBatch({ ...jsonBatch(serve(json), 1e9), restMs: 1 }, stop.signal);
  await Bun.sleep(20);
  stop.abort();
  const { requests, firstByteMs } = await running;
  expect(requests).toBe(firstByteMs.length);
  expect(requests).toBeGreaterThan(0);
});
