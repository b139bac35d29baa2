import { afterAll, beforeEach, expect, test } from 'bun:test';
import type { Dialect } from '../../src/core/wire-name.ts';
import type { HttpAnswer } from '../replayer/answer.ts';
import { errorFirst } from '../replayer/faults.ts';
import { recording } from '../replayer/recording.ts';
import type { LedgerRow } from '../test-gateway.ts';
import { errorIn } from './dialect-errors.ts';
import { everyPair, type ReplayedWire, startWorld } from './world.ts';

// What a provider gets wrong before its first byte: another try, another target, or a clean error in the caller's dialect.

const firstByteMs = 400;
const world = await startWorld({ limits: { firstByteMs, idleMs: 400 }, retries: { breakerFailures: 1000 } });
afterAll(() => world.stop());
beforeEach(() => world.reset());

interface Outcome {
  response: Response;
  body: string;
  row: LedgerRow;
}

/** Asks, and holds to what is true of every call: one row, and one attempt in it for each request that a provider got. */
async function ask(caller: Dialect, model: string, stream: boolean, { refused = false } = {}): Promise<Outcome> {
  const response = await world.gateway.chat(caller, { model, stream });
  const body = await response.text();
  const rows = await world.gateway.rowsOf(response);
  expect(rows).toHaveLength(1);
  const [row] = rows;
  const provider = model.split('/')[0]!;
  const attempts = row!.attempts.filter((attempt) => attempt.provider === provider);
  if (!refused) expect(attempts).toHaveLength(world.sentFor(model).length);
  return { response, body, row: row! };
}

function expectError(caller: Dialect, { response, body, row }: Outcome, status: number, code: string): void {
  expect({ status: response.status, body: errorIn(caller, JSON.parse(body)) !== undefined }).toEqual({
    status,
    body: true,
  });
  expect(response.headers.get('content-type')).toContain('application/json');
  expect(response.headers.get('x-sluice-request-id')).toStartWith('req_');
  expect(row.errorCode).toBe(code);
  expect({ input: row.input, output: row.output, cost: row.costUsd }).toEqual({ input: 0, output: 0, cost: '0' });
}

const httpError = (provider: ReplayedWire, status: number, message: string): HttpAnswer => {
  const error =
    provider === 'gemini'
      ? { code: status, message, status: 'X' }
      : provider === 'anthropic-messages'
        ? { type: 'some_error', message }
        : { message, type: 'some_error', param: null, code: null };
  return { status, body: provider === 'anthropic-messages' ? { type: 'error', error } : { error } };
};

function everyProviderAnswers(make: (provider: ReplayedWire) => HttpAnswer): void {
  for (const [wire, replayer] of Object.entries(world.upstream)) replayer.reply(make(wire as ReplayedWire));
}

test('a provider that refuses connections is a 502 after three tries', async () => {
  await Promise.all(Object.values(world.upstream).map((replayer) => replayer.refuse()));
  try {
    await everyPair(async (caller, provider, stream) => {
      const outcome = await ask(caller, world.model(provider), stream, { refused: true });
      expectError(caller, outcome, 502, 'upstream_unreachable');
      expect(outcome.row.attempts.map((attempt) => attempt.outcome)).toEqual(Array(3).fill('upstream_unreachable'));
      expect(outcome.row.outcome).toBe('failed');
    });
  } finally {
    await Promise.all(Object.values(world.upstream).map((replayer) => replayer.accept()));
  }
});

for (const status of [401, 403]) {
  test(`a provider's ${status} is a 502, never the caller's, and the credential is set aside`, async () => {
    everyProviderAnswers((provider) => httpError(provider, status, 'invalid x-api-key sk-secret'));
    await everyPair(async (caller, provider, stream) => {
      const model = world.model(provider, { credential: true });
      const outcome = await ask(caller, model, stream);
      expectError(caller, outcome, 502, 'upstream_credential');
      expect(outcome.body).not.toContain('sk-secret');
      expect(world.sentFor(model)).toHaveLength(1);
      const again = await world.gateway.chat(caller, { model, stream });
      expect(world.sentFor(model)).toHaveLength(1);
      // A fault of the operator's must not look like the caller's own haste.
      expect({ second: again.status, toBlame: again.status >= 500 ? 'gateway' : 'caller' }).toMatchObject({
        toBlame: 'gateway',
      });
    });
  });
}

for (const status of [400, 404, 413, 422]) {
  test(`a provider's ${status} is passed on with its words, and not retried`, async () => {
    everyProviderAnswers((provider) => httpError(provider, status, 'the field foo is unknown'));
    await everyPair(async (caller, provider, stream) => {
      const model = world.model(provider, { fallback: true });
      const outcome = await ask(caller, model, stream);
      expectError(caller, outcome, status, 'upstream_rejected');
      expect(outcome.body).toContain('the field foo is unknown');
      expect(world.sentFor(model)).toHaveLength(1);
      expect(outcome.row.outcome).toBe('rejected');
    });
    expect(world.spare.requests).toHaveLength(0);
  });
}

test("a provider's 429 is a 429 with its Retry-After, and the credential rests that long", async () => {
  everyProviderAnswers((provider) => ({ ...httpError(provider, 429, 'slow down'), headers: { 'retry-after': '7' } }));
  await everyPair(async (caller, provider, stream) => {
    const model = world.model(provider, { credential: true });
    const outcome = await ask(caller, model, stream);
    expectError(caller, outcome, 429, 'upstream_rate_limited');
    expect(outcome.response.headers.get('retry-after')).toBe('7');
    const again = await ask(caller, model, stream, { refused: true });
    expectError(caller, again, 429, 'upstream_rate_limited');
    expect(Number(again.response.headers.get('retry-after'))).toBeWithin(1, 8);
    expect(world.sentFor(model)).toHaveLength(1);
  });
});

test("a provider's 429 sends the call to the fallback at once", async () => {
  everyProviderAnswers((provider) => httpError(provider, 429, 'slow down'));
  world.spare.reply(recording('openai-chat/text'));
  await everyPair(async (caller, provider, stream) => {
    const { response, row } = await ask(caller, world.model(provider, { fallback: true, credential: true }), stream);
    expect(response.status).toBe(200);
    expect(row).toMatchObject({ outcome: 'ok', modelUsed: 'spare/model', input: 128, output: 14 });
    expect(row.attempts.map((attempt) => attempt.outcome)).toEqual(['upstream_rate_limited', 'ok']);
    expect(response.headers.get('x-sluice-attempts')).toStartWith('2;');
  });
});

for (const status of [500, 502, 503, 529]) {
  test(`a provider's ${status} is tried three times, then is overload in the caller's dialect`, async () => {
    everyProviderAnswers((provider) => httpError(provider, status, 'Overloaded'));
    await everyPair(async (caller, provider, stream) => {
      const model = world.model(provider);
      const outcome = await ask(caller, model, stream);
      expectError(caller, outcome, caller === 'anthropic-messages' ? 529 : 503, 'upstream_overloaded');
      if (caller === 'anthropic-messages')
        expect(errorIn(caller, JSON.parse(outcome.body))?.kind).toBe('overloaded_error');
      expect(world.sentFor(model)).toHaveLength(3);
    });
  });
}

test('a provider that fails once and then answers costs a second attempt and nothing else', async () => {
  for (const [caller, provider] of [
    ['openai-chat', 'openai-chat'],
    ['anthropic-messages', 'openai-chat'],
    ['openai-chat', 'anthropic-messages'],
  ] as const) {
    world.reset();
    world.upstream[provider].script([httpError(provider, 503, 'busy')], [recording(`${provider}/text`)]);
    const { response, row } = await ask(caller, world.model(provider), true);
    expect(response.status).toBe(200);
    expect(row.attempts.map((attempt) => attempt.outcome)).toEqual(['upstream_overloaded', 'ok']);
    expect(row.costUsd).not.toBe('0');
  }
});

test('a 5xx of one provider is answered by the fallback', async () => {
  everyProviderAnswers((provider) => httpError(provider, 500, 'boom'));
  world.spare.reply(recording('openai-chat/text'));
  await everyPair(async (caller, provider, stream) => {
    const { response, row } = await ask(caller, world.model(provider, { fallback: true }), stream);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-sluice-model')).toBe('spare/model');
    expect(row.attempts.map((attempt) => attempt.outcome)).toEqual(['upstream_overloaded', 'ok']);
  });
});

test('a stream whose first event is an error still falls back', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream)) replayer.reply(errorFirst(recording(`${wire}/text`)));
  world.spare.reply(recording('openai-chat/text'));
  await everyPair(
    async (caller, provider, stream) => {
      const { response, body, row } = await ask(caller, world.model(provider, { fallback: true }), stream);
      expect({ status: response.status, model: row.modelUsed }).toEqual({ status: 200, model: 'spare/model' });
      expect(body.toLowerCase()).not.toContain('overloaded');
    },
    { streams: [true] },
  );
});

test('a stream whose first event is an error is a clean error when nobody else can answer', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream)) replayer.reply(errorFirst(recording(`${wire}/text`)));
  await everyPair(
    async (caller, provider, stream) => {
      const outcome = await ask(caller, world.model(provider), stream);
      expectError(caller, outcome, caller === 'anthropic-messages' ? 529 : 503, 'upstream_overloaded');
    },
    { streams: [true] },
  );
});

test('a provider that sends no first byte in time is a 504, and is let go', async () => {
  for (const replayer of Object.values(world.upstream)) replayer.reply({ status: 200 }, { holdHeaders: true });
  await everyPair(async (caller, provider, stream) => {
    const model = world.model(provider);
    const before = performance.now();
    const outcome = await ask(caller, model, stream);
    expectError(caller, outcome, 504, 'upstream_timeout');
    expect(performance.now() - before).toBeWithin(firstByteMs * 0.9, firstByteMs + 600);
    const [sent] = world.sentFor(model);
    expect(sent?.closedAtMs).toBeDefined();
  });
});

test('headers alone are no first byte', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream))
    replayer.reply(recording(`${wire}/text`), { holdAfter: 0 });
  await everyPair(async (caller, provider, stream) => {
    expectError(caller, await ask(caller, world.model(provider), stream), 504, 'upstream_timeout');
  });
});

test('a wrong content type is a 502, and its body goes nowhere', async () => {
  const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>login to the coffee shop</html>' };
  for (const replayer of Object.values(world.upstream)) replayer.reply(page);
  await everyPair(async (caller, provider, stream) => {
    const outcome = await ask(caller, world.model(provider), stream);
    expectError(caller, outcome, 502, 'upstream_invalid_answer');
    expect(outcome.body).not.toContain('coffee');
  });
});

test('a whole answer that is cut, or is no JSON, or is no answer, is a 502', async () => {
  const broken: [HttpAnswer | 'cut', string][] = [
    ['cut', 'cut'],
    [{ status: 200, headers: { 'content-type': 'application/json' }, body: '{"id":"x","choices":[{' }, 'broken'],
    [{ status: 200, headers: { 'content-type': 'application/json' }, body: '' }, 'empty'],
  ];
  for (const [answer] of broken) {
    world.reset();
    for (const [wire, replayer] of Object.entries(world.upstream)) {
      if (answer === 'cut') replayer.reply(recording(`${wire}/text`), { cutAfterBytes: 100 });
      else replayer.reply(answer);
    }
    await everyPair(
      async (caller, provider, stream) => {
        const outcome = await ask(caller, world.model(provider), stream);
        expect([outcome.response.status, outcome.row.errorCode]).toEqual([502, expect.stringMatching(/^upstream_/)]);
        expect(errorIn(caller, JSON.parse(outcome.body))).toBeDefined();
      },
      { streams: [false] },
    );
  }
});

test('a stream that ends before it began is a 502', async () => {
  for (const [wire, replayer] of Object.entries(world.upstream))
    replayer.reply(recording(`${wire}/text`), { endAfter: 0 });
  await everyPair(
    async (caller, provider, stream) => {
      expectError(caller, await ask(caller, world.model(provider), stream), 502, 'upstream_invalid_answer');
    },
    { streams: [true] },
  );
});
