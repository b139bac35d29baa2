import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { type Dialect, dialects } from '../../src/core/wire-name.ts';
import { seededRandom } from '../conformance/seeded-random.ts';
import { endsWell, errorInEvent } from '../gateway/dialect-errors.ts';
import { type ReplayedWire, startWorld, type World } from '../gateway/world.ts';
import { isLong } from '../money/spending.ts';
import type { Delivery, HttpAnswer } from '../replayer/answer.ts';
import { errorAfter, errorFirst, malformed } from '../replayer/faults.ts';
import { type Recording, recording } from '../replayer/recording.ts';
import { readSse } from '../sse-reader.ts';
import { databaseTimeoutMs } from '../support/databases.ts';

// Faults by the thousand, drawn by a seed: nothing hangs, nothing ends as if it were good, and retries stay few.

setDefaultTimeout(isLong ? 3_600_000 : databaseTimeoutMs * 2);
const seed = Number(process.env.SLUICE_SEED ?? 20_261_129);
const atOnce = 32;
const idleMs = 500;

let world: World;
beforeAll(async () => {
  world = await startWorld({
    limits: { idleMs, firstByteMs: 2000 },
    retries: { attempts: 3, breakerFailures: 1_000_000, cooldownMs: 1 },
  });
  console.log(`seed ${seed} (SLUICE_SEED)`);
}, databaseTimeoutMs);
afterAll(() => world?.stop());
beforeEach(() => world.reset());

const wires = dialects as readonly (Dialect & ReplayedWire)[];

/** Runs `count` calls, so many at once. */
async function run(count: number, call: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < count) await call(next++);
    }),
  );
}

test('with three tries in ten failing before the first byte, callers see no fault and pay for one and a half tries at most', async () => {
  const count = isLong ? 100_000 : 1000;
  const random = seededRandom(seed);
  const faults: [Recording | HttpAnswer, Delivery][] = [
    [{ status: 500, body: {} }, {}],
    [{ status: 503, body: {} }, {}],
    [{ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }, {}],
    [{ status: 200, headers: { 'content-type': 'application/json' }, body: '{"half' }, {}],
    [{ status: 200 }, { holdHeaders: false, cutAfter: 0 }],
  ];
  for (const [wire, replayer] of Object.entries(world.upstream)) {
    const text = recording(`${wire}/text`);
    // More answers than there are calls, so that every try meets its draw.
    for (let answer = 0; answer < count; answer++) {
      const pick = faults[Math.floor(random() * faults.length)]!;
      replayer.script(random() < 0.3 ? (random() < 0.2 ? [errorFirst(text), {}] : pick) : [text, {}]);
    }
    replayer.reply(text);
  }
  world.spare.reply(recording('openai-chat/text'));
  const models = wires.map((wire) => world.model(wire, { fallback: true }));
  const failed: string[] = [];
  let attempts = 0;
  await run(count, async (index) => {
    const dialect = dialects[index % dialects.length]!;
    const model = models[Math.floor(index / dialects.length) % models.length]!;
    const stream = index % 3 !== 0;
    const response = await world.gateway.chat(dialect, { model, stream });
    const text = await response.text();
    attempts += Number.parseInt(response.headers.get('x-sluice-attempts') ?? '1', 10);
    if (response.status !== 200 || (stream && !endsWell(dialect, text)))
      failed.push(`${dialect} ${model} ${response.status} ${text.slice(-200)}`);
  });
  expect(failed).toEqual([]);
  expect(attempts / count).toBeLessThanOrEqual(1.5);
  expect(attempts / count).toBeGreaterThan(1.1);
  console.log(`${count} calls, ${(attempts / count).toFixed(3)} tries a call, none failed`);
});

test('answers that break in the middle all end with the error of their dialect', async () => {
  const count = isLong ? 10_000 : 500;
  const random = seededRandom(seed + 1);
  const hung: string[] = [];
  const wrong: string[] = [];
  const models = Object.fromEntries(wires.map((wire) => [wire, world.model(wire)]));
  for (const wire of wires) {
    const replayer = world.upstream[wire];
    const text = recording(`${wire}/text`);
    const last = text.events!.length - 1;
    const whole = Math.max(2, last);
    const make = (): [Recording, Delivery] => {
      // Not before the second event, which has left by then, and before the last.
      const at = Math.min(2 + Math.floor(random() * (whole - 2)), last);
      const apart = { eventDelayMs: 2 };
      const ways: [Recording, Delivery][] = [
        [text, { ...apart, cutAfter: at }],
        [text, { ...apart, endAfter: at }],
        [malformed(text, at), apart],
        [errorAfter(text, at), { ...apart, framing: { done: false } }],
        [text, { ...apart, holdAfter: at }],
      ];
      // A stall takes its half second: few of them.
      return ways[Math.floor(random() * (random() < 0.1 ? 5 : 4))]!;
    };
    for (let answer = 0; answer < count; answer++) replayer.script(make());
  }
  await run(count, async (index) => {
    const dialect = dialects[index % dialects.length]!;
    const wire = wires[Math.floor(index / dialects.length) % wires.length]!;
    const response = await world.gateway.chat(dialect, {
      model: models[wire]!,
      stream: true,
      signal: AbortSignal.timeout(20_000),
    });
    try {
      const reader = readSse(response);
      const events = (await reader.rest()).filter(({ data }) => data !== '[DONE]');
      // What broke before anything left is a status instead.
      const ended = response.status === 200 ? errorInEvent(dialect, events.at(-1)) !== undefined : true;
      if (!ended || (response.status === 200 && endsWell(dialect, reader.text)))
        wrong.push(`${dialect} by ${wire}, ${response.status}: ${reader.text.slice(-300)}`);
    } catch (error) {
      hung.push(`${dialect} by ${wire}: ${(error as Error).name}`);
    }
  });
  expect(hung).toEqual([]);
  expect(wrong).toEqual([]);
  console.log(`${count} answers broke in the middle; each ended with an error of its dialect`);
});

test('a key that is revoked while its answer runs gets no new one, and the one that runs is finished', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream))
    replayer.reply(recording(`${wire}/text`), { holdAfter: 2 });
  const made = await world.gateway.fetch('/api/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'a caller' }),
  });
  const { id, key } = (await made.json()) as { id: string; key: string };
  const headers = { authorization: `Bearer ${key}` };
  const streams = await Promise.all(
    dialects.map(async (dialect) => {
      const response = await world.gateway.chat(dialect, { model: world.model(dialect), stream: true, headers });
      const reader = readSse(response);
      await reader.take(1);
      return { dialect, reader };
    }),
  );
  expect((await world.gateway.fetch(`/api/v1/keys/${id}`, { method: 'DELETE' })).ok).toBe(true);
  for (const dialect of dialects)
    expect((await world.gateway.chat(dialect, { model: world.model(dialect), headers })).status).toBe(401);
  for (const replayer of Object.values(world.upstream)) replayer.release();
  for (const { dialect, reader } of streams) {
    await reader.rest();
    expect({ dialect, well: endsWell(dialect, reader.text) }).toEqual({ dialect, well: true });
  }
});
