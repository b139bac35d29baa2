import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { JsonObject } from '../../src/core/json.ts';
import type { Dialect } from '../../src/core/wire-name.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { chatBody, pathOf, type TestGateway, testGateway } from '../test-gateway.ts';
import { errorIn } from './dialect-errors.ts';

// What a limit does to a call, by the front door: who is counted, what is refused and how it is told.

setDefaultTimeout(databaseTimeoutMs);

const model = 'sandbox/sandbox-small';
const dialects: Dialect[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'];

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({
    config: {
      providers: { sandbox: { kind: 'sandbox', options: { chunkDelayMs: 20 } } },
      aliases: { quick: model },
      models: [{ id: 'sandbox/other', provider: 'sandbox', upstream: 'sandbox-small' }],
      groups: { pair: { models: ['sandbox/sandbox-large', model] }, large: { models: ['sandbox/sandbox-large'] } },
      rateLimits: [{ per: 'key', model: 'sandbox/other', requestsPerMinute: 2 }],
    },
  });
});
afterAll(() => gateway.stop());

async function platform<Answer = JsonObject>(method: string, path: string, body?: object): Promise<Answer> {
  const response = await gateway.fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

let keys = 0;
const createKey = () => platform<{ id: string; key: string }>('POST', '/api/v1/keys', { name: `key ${++keys}` });

/** A limit for as long as the test runs. */
async function withLimit(limit: object, run: (id: string) => Promise<void>): Promise<void> {
  const { id } = await platform<{ id: string }>('POST', '/api/v1/limits', limit);
  try {
    await run(id);
  } finally {
    await platform('DELETE', `/api/v1/limits/${id}`);
  }
}

interface Wish {
  key: string;
  dialect?: Dialect;
  model?: string;
  stream?: boolean;
  body?: JsonObject;
  headers?: Record<string, string>;
}

function say({ key, dialect = 'openai-chat', model: name = model, stream = false, body, headers }: Wish) {
  return fetch(gateway.url + pathOf(dialect, name, stream), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...chatBody(dialect, name, stream), ...body }),
  });
}

async function status(wish: Wish): Promise<number> {
  const response = await say(wish);
  await response.text();
  return response.status;
}

const order = (tokens: number) => ({ messages: [{ role: 'user', content: `sandbox:tokens=${tokens}` }] });

test('a key is refused beyond its requests, in the form of each dialect, with the time to wait', async () => {
  for (const dialect of dialects) {
    const { id, key } = await createKey();
    await withLimit({ subject: 'key', subjectId: id, requestsPerMinute: 1 }, async () => {
      expect(await status({ key, dialect })).toBe(200);
      const refused = await say({ key, dialect });
      expect(refused.status).toBe(429);
      const seconds = Number(refused.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(50);
      expect(seconds).toBeLessThanOrEqual(61);
      expect(refused.headers.get('x-should-retry')).toBe('true');
      expect(refused.headers.get('x-ratelimit-limit-requests')).toBe('1');
      expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
      expect(refused.headers.get('x-ratelimit-reset-requests')).toBe(`${seconds}s`);
      const reset = Date.parse(refused.headers.get('anthropic-ratelimit-requests-reset')!);
      expect(Math.abs(reset - Date.now() - seconds * 1000)).toBeLessThan(2000);
      const body = (await refused.json()) as { error: { type: string; status?: string; details?: JsonObject[] } };
      expect(errorIn(dialect, body)).toBeDefined();
      if (dialect === 'gemini') {
        expect(body.error.status).toBe('RESOURCE_EXHAUSTED');
        const retry = body.error.details!.find((each) => String(each['@type']).endsWith('RetryInfo'));
        expect(Number.parseFloat(String(retry!.retryDelay))).toBeGreaterThan(50);
      } else expect(body.error.type).toBe('rate_limit_error');
      expect(JSON.stringify(body)).toContain('The limit of this key is 1 requests a minute.');
      const [row] = await gateway.rowsOf(refused);
      expect(row).toMatchObject({ errorCode: 'rate_limited', status: 429, attempts: [] });
      // Whichever header the key stands in, it is the same key.
      for (const name of ['x-api-key', 'x-goog-api-key']) {
        const other = await fetch(gateway.url + pathOf(dialect, model, false), {
          method: 'POST',
          headers: { [name]: key, 'content-type': 'application/json' },
          body: JSON.stringify(chatBody(dialect, model, false)),
        });
        expect(other.status).toBe(429);
      }
    });
    expect(await status({ key, dialect })).toBe(200);
  }
});

test('every answer of a limited key says how far its limits are used, streamed or not; another key hears nothing', async () => {
  const { id, key } = await createKey();
  await withLimit({ subject: 'key', subjectId: id, requestsPerMinute: 10, tokensPerMinute: 100_000 }, async () => {
    const whole = await say({ key });
    const { usage } = (await whole.json()) as { usage: { total_tokens: number } };
    expect(whole.headers.get('x-ratelimit-limit-requests')).toBe('10');
    expect(whole.headers.get('x-ratelimit-remaining-requests')).toBe('9');
    // A JSON answer knows what it really took.
    expect(whole.headers.get('x-ratelimit-remaining-tokens')).toBe(String(100_000 - usage.total_tokens));
    const streamed = await say({ key, stream: true });
    await streamed.text();
    expect(streamed.headers.get('anthropic-ratelimit-requests-limit')).toBe('10');
    expect(streamed.headers.get('anthropic-ratelimit-requests-remaining')).toBe('8');
    expect(Number(streamed.headers.get('anthropic-ratelimit-tokens-remaining'))).toBeLessThan(100_000);
    const other = await say({ key: (await createKey()).key });
    expect([...other.headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([]);
  });
});

test('tokens are taken by estimate and counted as they were: a short answer leaves room, a long one does not', async () => {
  const { id, key } = await createKey();
  await withLimit({ subject: 'key', subjectId: id, tokensPerMinute: 1000 }, async () => {
    const answers: number[] = [];
    for (let call = 0; call < 4; call++) answers.push(await status({ key, body: { ...order(20), max_tokens: 800 } }));
    expect(answers).toEqual([200, 200, 200, 200]);
    expect(await status({ key, body: order(950) })).toBe(200);
    const refused = await say({ key, body: order(2) });
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain('1000 tokens a minute');
  });
});

test('two at once cannot both take the room that is left for one', async () => {
  const { id, key } = await createKey();
  await withLimit({ subject: 'key', subjectId: id, tokensPerMinute: 1000 }, async () => {
    const wish = { key, body: { ...order(5), max_tokens: 600 } };
    const both = await Promise.all([status(wish), status(wish)]);
    expect(both.sort()).toEqual([200, 429]);
  });
});

test('an input that is longer than a minute allows is refused in words, and asking again is not recommended a time', async () => {
  const { id, key } = await createKey();
  await withLimit({ subject: 'key', subjectId: id, tokensPerMinute: 100 }, async () => {
    const refused = await say({ key, body: { messages: [{ role: 'user', content: 'many words '.repeat(200) }] } });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(await refused.text()).toMatch(/this request alone has about \d+\. Send less at once/);
  });
});

test('as many calls run at a time as may, and one that is hung up on makes room', async () => {
  const { id, key } = await createKey();
  await withLimit({ subject: 'key', subjectId: id, concurrent: 2 }, async () => {
    const streams = [0, 1].map(() => {
      const abort = new AbortController();
      const answer = fetch(gateway.url + pathOf('openai-chat', model, true), {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...chatBody('openai-chat', model, true), ...order(4000) }),
        signal: abort.signal,
      });
      return { abort, answer };
    });
    for (const { answer } of streams) expect((await answer).status).toBe(200);
    const refused = await say({ key });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.text()).toContain('2 calls at a time');
    streams[0]!.abort.abort();
    let answered = 429;
    while (answered === 429) answered = await status({ key, body: order(1) });
    expect(answered).toBe(200);
    streams[1]!.abort.abort();
  });
});

test('a limit of each key counts each by itself; one that is set for a key stands in for it', async () => {
  const [first, second] = [await createKey(), await createKey()];
  await withLimit({ subject: 'key', requestsPerMinute: 1 }, async () => {
    await withLimit({ subject: 'key', subjectId: second.id, requestsPerMinute: 3 }, async () => {
      expect([await status(first), await status(first)]).toEqual([200, 429]);
      const answers: number[] = [];
      for (let call = 0; call < 4; call++) answers.push(await status(second));
      expect(answers).toEqual([200, 200, 200, 429]);
    });
  });
});

test('a limit of the organisation counts all of its keys together, and the tightest limit is told', async () => {
  const [first, second] = [await createKey(), await createKey()];
  await withLimit({ subject: 'organisation', model: 'sandbox/sandbox-large', requestsPerMinute: 3 }, async () => {
    await withLimit({ subject: 'key', subjectId: first.id, requestsPerMinute: 100 }, async () => {
      const large = { model: 'sandbox/sandbox-large' };
      expect(await status({ ...first, ...large })).toBe(200);
      expect(await status({ ...second, ...large })).toBe(200);
      const third = await say({ ...first, ...large });
      expect(third.headers.get('x-ratelimit-limit-requests')).toBe('3');
      expect(third.headers.get('x-ratelimit-remaining-requests')).toBe('0');
      expect(await status({ ...second, ...large })).toBe(429);
      // Other models are not limited.
      expect(await status(second)).toBe(200);
    });
  });
});

test('a conversation has its own count, by the name that its caller gives it', async () => {
  const { key } = await createKey();
  await withLimit({ subject: 'thread', requestsPerMinute: 1 }, async () => {
    const thread = (name: string) => ({ key, headers: { 'x-sluice-thread': name } });
    expect([await status(thread('a')), await status(thread('a'))]).toEqual([200, 429]);
    expect(await status(thread('b'))).toBe(200);
    expect([await status({ key }), await status({ key })]).toEqual([200, 200]);
  });
});

test('a limit of a model holds under every name that leads to it', async () => {
  const { id, key } = await createKey();
  await withLimit({ subject: 'key', subjectId: id, model: 'sandbox/sandbox-sm*', requestsPerMinute: 1 }, async () => {
    expect(await status({ key, model: 'quick' })).toBe(200);
    for (const name of [model, 'quick', 'sandbox-small', 'sandbox/other'])
      expect({ name, status: await status({ key, model: name }) }).toEqual({ name, status: 429 });
    expect(await status({ key, model: 'sandbox/sandbox-large' })).toBe(200);
  });
});

test('a limit of a model holds for calls that come to it by a group or as a fallback, and these go elsewhere', async () => {
  const { id, key } = await createKey();
  await withLimit({ subject: 'key', subjectId: id, model: 'sandbox/sandbox-large', requestsPerMinute: 1 }, async () => {
    const used = async (name: string) => {
      const answer = await say({ key, model: name });
      await answer.text();
      return answer.headers.get('x-sluice-model') ?? answer.status;
    };
    expect(await used('group/pair')).toBe('sandbox/sandbox-large');
    expect(await used('group/pair')).toBe(model);
    expect(await used('sandbox/sandbox-large')).toBe(429);
    // Nothing else is left for this one.
    expect(await used('group/large')).toBe(429);
    expect(await used('group/pair')).toBe(model);
  });
});

test('what stands in the file holds for everybody, the operator too, whatever organisations allow themselves', async () => {
  const { id, key } = await createKey();
  await withLimit({ subject: 'key', subjectId: id, model: 'sandbox/other', requestsPerMinute: 100 }, async () => {
    const other = { model: 'sandbox/other' };
    for (const each of [key, gateway.key]) {
      const answers: number[] = [];
      for (let call = 0; call < 3; call++) answers.push(await status({ key: each, ...other }));
      expect(answers).toEqual([200, 200, 429]);
    }
  });
});

test('a limit that is changed or removed is in force at the next call', async () => {
  const { id, key } = await createKey();
  const limit = await platform<{ id: string }>('POST', '/api/v1/limits', {
    subject: 'key',
    subjectId: id,
    requestsPerMinute: 1,
  });
  expect([await status({ key }), await status({ key })]).toEqual([200, 429]);
  await platform('PATCH', `/api/v1/limits/${limit.id}`, { requestsPerMinute: 2 });
  expect([await status({ key }), await status({ key })]).toEqual([200, 429]);
  await platform('DELETE', `/api/v1/limits/${limit.id}`);
  expect(await status({ key })).toBe(200);
});

test('setting limits takes the right to, one organisation sees nothing of another, and every change is in the audit', async () => {
  const { key } = await createKey();
  const member = await fetch(`${gateway.url}/api/v1/limits`, { headers: { authorization: `Bearer ${key}` } });
  expect(member.status).toBe(403);
  for (const wrong of [
    { subject: 'key' },
    { subject: 'key', requestsPerMinute: 0 },
    { subject: 'everybody', requestsPerMinute: 1 },
    { subject: 'key', requestsPerMinute: 1, id: 'lim_mine' },
  ]) {
    const refused = await gateway.fetch('/api/v1/limits', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wrong),
    });
    expect({ wrong, status: refused.status }).toEqual({ wrong, status: 400 });
  }
  for (const subject of ['key', 'team', 'user', 'organisation']) {
    const foreign = await gateway.fetch('/api/v1/limits', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ subject, subjectId: 'somebody_elses', requestsPerMinute: 1 }),
    });
    expect(foreign.status).toBe(404);
  }
  await withLimit({ subject: 'organisation', concurrent: 1000 }, async (id) => {
    const { data } = await platform<{ data: { id: string }[] }>('GET', '/api/v1/limits');
    expect(data.map((each) => each.id)).toEqual([id]);
    const audit = await platform<{ data: JsonObject[] }>('GET', '/api/v1/audit?limit=1');
    expect(audit.data).toMatchObject([{ action: 'limit.create', targetId: id, detail: { concurrent: 1000 } }]);
    expect(await platform('GET', `/api/v1/limits/${id}`)).toMatchObject({
      id,
      subject: 'organisation',
      concurrent: 1000,
    });
  });
});
