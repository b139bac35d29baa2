import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBatch } from '../load/run-batch.ts';
import {
  anthropicEvents,
  type Dialect,
  jsonReply,
  openaiEvents,
  pathOf,
  questionBody,
  streamReply,
} from '../traffic.ts';
import type { Child } from './child-process.ts';
import { startOwnServer } from './own-service.ts';

const children: Child[] = [];
let directory = '';
let mock = '';
let bare = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-bench-test-'));
  const start = async (script: string, args: string[]) => {
    const { child, base } = await startOwnServer({ script, args, role: 'load', logDirectory: directory });
    children.push(child);
    return base;
  };
  mock = await start('subjects/mock-upstream.ts', []);
  bare = await start('subjects/bare-proxy.ts', [mock]);
});

afterAll(async () => {
  await Promise.all(children.map((child) => child.stop()));
  await rm(directory, { recursive: true });
});

const calls = async () => ((await (await fetch(`${mock}/calls`)).json()) as { calls: number }).calls;

function batch(base: string, dialect: Dialect, stream?: { paceMs: number; events: number }) {
  const reply = stream ? streamReply(dialect, stream.events) : jsonReply;
  return {
    target: { base, headers: {} },
    question: { dialect, model: 'm', stream },
    reply,
    requests: 12,
    concurrency: 4,
  };
}

test('the mock answers both wires, and counts the calls', async () => {
  const before = await calls();
  for (const dialect of ['openai', 'anthropic'] as const) {
    await runBatch(batch(mock, dialect));
    await runBatch(batch(mock, dialect, { paceMs: 0, events: 60 }));
  }
  expect((await calls()) - before).toBe(48);
});

test('the bare proxy passes JSON and streams on', async () => {
  const before = await calls();
  await runBatch(batch(`${bare}/json`, 'openai'));
  await runBatch(batch(`${bare}/pipe`, 'openai', { paceMs: 0, events: 60 }));
  await runBatch(batch(`${bare}/pipe`, 'anthropic', { paceMs: 0, events: 60 }));
  expect((await calls()) - before).toBe(36);
});

test('the events of a paced stream arrive one by one, also through the pipe', async () => {
  for (const base of [mock, `${bare}/pipe`]) {
    const { reads } = await runBatch({ ...batch(base, 'openai', { paceMs: 5, events: 60 }), requests: 2 });
    expect(reads).toBeGreaterThan(40);
  }
});

test('the mock streams exactly as many events as it was asked for', async () => {
  for (const dialect of ['openai', 'anthropic'] as const) {
    const body = questionBody({ dialect, model: 'm', stream: { paceMs: 0, events: 60 } });
    const text = await (await fetch(mock + pathOf(dialect), { method: 'POST', body })).text();
    const events = dialect === 'openai' ? openaiEvents(60) : anthropicEvents(60);
    expect(events).toHaveLength(60);
    expect(text).toBe(events.join(''));
  }
});

test('a script that ends at once is reported with its last words', async () => {
  const options = { script: 'subjects/bare-proxy.ts', role: 'load' as const, logDirectory: directory };
  await expect(startOwnServer(options)).rejects.toThrow('usage: bare-proxy.ts');
});
