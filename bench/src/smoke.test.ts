import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadClient, startLoadClient } from './load/load-client.ts';
import { measureBeside } from './measure/beside.ts';
import { measureLatency } from './measure/latency.ts';
import { measureProcessorUse } from './measure/processor-use.ts';
import { measureStreamsAtOnce } from './measure/streams-at-once.ts';
import type { Child } from './subjects/child-process.ts';
import { gatewayModels, startGuardedGateway } from './subjects/gateway.ts';
import { startOwnServer } from './subjects/own-service.ts';
import type { Subject } from './subjects/subject.ts';
import { jsonReply, streamReply } from './traffic.ts';

// Every kind of measurement, a few requests each, on the real processes: the gateway with policies and guardrails.

const children: Child[] = [];
let directory = '';
let mock = '';
let load: LoadClient;
let crowd: LoadClient;
let subject: Extract<Subject, { target: object }>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-bench-smoke-'));
  const keep = <Started extends { child: Child }>(started: Started): Started => {
    children.push(started.child);
    return started;
  };
  const options = { script: 'subjects/mock-upstream.ts', role: 'load' as const, logDirectory: directory };
  mock = keep(await startOwnServer(options)).base;
  load = keep(await startLoadClient(directory));
  crowd = keep(await startLoadClient(directory));
  const { child, base, key } = keep(await startGuardedGateway({ mockBase: mock, directory, guardrails: true }));
  subject = { target: { base, headers: { authorization: `Bearer ${key}` } }, pid: child.pid };
});

afterAll(async () => {
  await Promise.all(children.map((child) => child.stop()));
  await rm(directory, { recursive: true });
});

const onLinux = test.skipIf(process.platform !== 'linux');
const model = gatewayModels.openai;
const question = { dialect: 'openai' as const, model, distinct: true };
const upstreamCalls = async () => ((await (await fetch(`${mock}/calls`)).json()) as { calls: number }).calls;

onLinux('distinct questions reach the mock and wrong keys do not, and both have a price', async () => {
  const amount = { requests: 20, warmUpRequests: 4, concurrency: 4 };
  const trials = [
    { name: 'call', subject, question, reply: jsonReply, ...amount },
    { name: 'mistyped', subject, question, reply: '', wrongKey: 'mistyped' as const, ...amount },
    { name: 'unknown', subject, question, reply: '', wrongKey: 'unknown' as const, ...amount },
  ];
  const uses = await measureProcessorUse(trials, 1, { load, upstreamCalls });
  expect(uses.map((use) => use.failure)).toEqual([undefined, undefined, undefined]);
  for (const use of uses) {
    expect(use.usPerRequest).toBeGreaterThan(0);
    expect(use.perSecond).toBeGreaterThan(0);
    expect(use.residentBytes).toBeGreaterThan(0);
  }
});

onLinux('small streams are timed beside prompts of 100,000 tokens, and again when those are over', async () => {
  const { target } = subject;
  const stream = { paceMs: 5, events: 20 };
  const pair = {
    name: 'long',
    timed: {
      target,
      question: { ...question, stream },
      reply: streamReply('openai', 20),
      requests: 4,
      concurrency: 2,
    },
    crowd: {
      target,
      question: { ...question, documentTokens: 100_000 },
      reply: jsonReply,
      concurrency: 1,
      restMs: 10,
    },
  };
  const [result] = await measureBeside([pair], 1, { load, crowd });
  expect(result?.failure).toBeUndefined();
  expect(result?.aloneMs[0]?.length).toBeGreaterThan(0);
  expect(result?.besideMs[0]?.length).toBeGreaterThan(0);
  expect(result?.crowdPerSecond).toBeGreaterThan(0);
});

onLinux('streams at once have their memory, and roads what they add', async () => {
  const straight: Subject = { target: { base: mock, headers: {} }, pid: children[0]!.pid };
  const asked = { question, reply: jsonReply };
  const roads = [
    { name: 'straight', subject: straight, ...asked },
    { name: 'gateway', subject, ...asked },
  ];
  const [, gateway] = await measureLatency(roads, { rounds: 1, requests: 5 }, load);
  expect(gateway?.failure).toBeUndefined();
  expect(gateway?.addedP50Ms).not.toBeNaN();
  const shape = { counts: [3, 6], seconds: 1 };
  const atOnce = await measureStreamsAtOnce({ subject: straight, model }, shape, load);
  expect(atOnce.map((use) => [use.streams, use.failure, use.firstByteMs.length])).toEqual([
    [3, undefined, 3],
    [6, undefined, 6],
  ]);
  expect(atOnce[1]!.peakBytes).toBeGreaterThanOrEqual(atOnce[1]!.idleBytes);
  expect(atOnce[1]!.gapMs.length).toBeGreaterThan(0);
  const absent = await measureStreamsAtOnce({ subject: { failure: 'not there' }, model }, shape, load);
  expect(absent.map((use) => use.failure)).toEqual(['not there', 'not there']);
});

onLinux('a crowd that is answered wrongly fails the pair', async () => {
  const { target } = subject;
  const timed = { target, question, reply: jsonReply, requests: 2, concurrency: 1 };
  const pair = {
    name: 'wrong',
    timed,
    crowd: { target, question, reply: 'something else', concurrency: 1, restMs: 1 },
  };
  const [result] = await measureBeside([pair], 1, { load, crowd });
  expect(result?.failure).toContain("not the mock's");
});
