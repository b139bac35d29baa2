import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { databaseTimeoutMs } from '../support/databases.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

/** A provider that answers everybody and writes down which key each call came with. */
let seen: (string | null)[] = [];
/** The session token of the last question for a list of models. */
let sessionToken: string | null = null;
const provider = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    if (request.method === 'GET') {
      sessionToken = request.headers.get('x-amz-security-token');
      return Response.json({ object: 'list', data: [{ id: 'tiny' }] });
    }
    seen.push(request.headers.get('authorization'));
    return Response.json({
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'tiny',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
    });
  },
});
const baseUrl = `http://127.0.0.1:${provider.port}/v1`;
const secret = 'sk-added-while-running-0123456789';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({
    config: {
      providers: { sandbox: { kind: 'sandbox' } },
      models: [{ id: 'sandbox/sandbox-large', price: { input: 1, output: 1 } }],
    },
    environment: { OPENAI_API_KEY: 'sk-of-the-environment' },
  });
});
afterAll(async () => {
  await gateway.stop();
  await provider.stop(true);
});

interface Shown {
  id: string;
  origin: string;
  enabled: boolean;
  keyHint?: string;
  settings?: { baseUrl?: string; options?: Record<string, unknown> };
}
async function send(method: string, path: string, body?: object) {
  const response = await gateway.fetch(path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, text, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}
const shown = async (id: string) =>
  ((await send('GET', '/api/v1/providers')).body.data as Shown[]).find((each) => each.id === id);
const names = async () => ((await send('GET', '/api/v1/models')).body.data as { id: string }[]).map(({ id }) => id);
async function ask(model: string) {
  seen = [];
  const response = await gateway.chat('openai-chat', { model });
  await response.text();
  return { status: response.status, seen, response };
}

test('a provider that is added takes calls at once; its key is shown to nobody', async () => {
  const wish = { kind: 'openai-compatible', baseUrl, apiKey: secret };
  expect(await send('PUT', '/api/v1/providers/added', wish)).toMatchObject({ status: 200 });
  expect(await ask('added/tiny')).toMatchObject({ status: 200, seen: [`Bearer ${secret}`] });
  expect(await shown('added')).toMatchObject({
    origin: 'database',
    enabled: true,
    keyHint: '…6789',
    settings: { baseUrl },
  });
  expect((await send('POST', '/api/v1/providers/added/test')).body).toMatchObject({ reachable: true, models: 1 });
  for (const path of ['/api/v1/providers', '/api/v1/audit?limit=50', '/metrics'])
    expect(await (await gateway.fetch(path)).text()).not.toContain(secret);
});

test('what is not sent again stays, but never goes to another address', async () => {
  await send('PUT', '/api/v1/providers/added', { kind: 'openai-compatible', baseUrl, apiKey: secret });
  await send('PUT', '/api/v1/providers/added', { kind: 'openai-compatible', baseUrl, firstByteMs: 9000 });
  expect((await ask('added/tiny')).seen).toEqual([`Bearer ${secret}`]);
  const elsewhere = `${baseUrl}/`;
  await send('PUT', '/api/v1/providers/added', { kind: 'openai-compatible', baseUrl: elsewhere });
  expect((await ask('added/tiny')).seen).toEqual([null]);
});

test('a provider that is switched off gets nothing, wherever it stands, until it is switched on', async () => {
  await send('PUT', '/api/v1/providers/added', { kind: 'openai-compatible', baseUrl, apiKey: secret });
  for (const [id, model] of [
    ['added', 'added/tiny'],
    ['sandbox', 'sandbox/sandbox-small'],
  ] as const) {
    expect((await ask(model)).status).toBe(200);
    expect((await send('PATCH', `/api/v1/providers/${id}`, { enabled: false })).status).toBe(200);
    expect((await ask(model)).status).toBe(404);
    expect((await names()).filter((name) => name.startsWith(`${id}/`))).toEqual([]);
    expect(await shown(id)).toMatchObject({ enabled: false });
    await send('PATCH', `/api/v1/providers/${id}`, { enabled: true });
    expect((await ask(model)).status).toBe(200);
    expect(await shown(id)).toMatchObject({ enabled: true });
  }
});

test('what cannot be used is refused in words, and nothing is kept of it', async () => {
  const refused = async (id: string, wish: object) => {
    const { status, body } = await send('PUT', `/api/v1/providers/${id}`, wish);
    return [status, body.detail] as const;
  };
  expect(await refused('sandbox', { kind: 'sandbox' })).toEqual([409, expect.stringContaining('sluice.yaml')]);
  expect(await refused('x', { kind: 'openai-compatible' })).toEqual([400, expect.stringContaining('needs a baseUrl')]);
  // The environment's key is not for what is added at any address.
  expect(await refused('x', { kind: 'openai', baseUrl })).toEqual([400, expect.stringContaining('needs a key')]);
  expect(await refused('x', { kind: 'ai-sdk', options: { package: 'x' } })).toEqual([
    400,
    expect.stringContaining('sluice.yaml only'),
  ]);
  expect(await refused('x', { kind: 'openai', apiKey: 'env:HOME' })).toEqual([
    400,
    expect.stringContaining('References'),
  ]);
  expect((await refused('group', { kind: 'openai', apiKey: secret }))[0]).toBe(400);
  expect((await refused('a/b', { kind: 'openai', apiKey: secret }))[0]).toBe(404);
  expect((await refused('a%20b', { kind: 'openai', apiKey: secret }))[0]).toBe(400);
  expect((await refused('x', { kind: 'bedrock', options: { nonsense: 1 } }))[0]).toBe(400);
  expect(await shown('x')).toBeUndefined();
  expect((await send('PATCH', '/api/v1/providers/nobody', { enabled: false })).status).toBe(404);
  expect((await send('DELETE', '/api/v1/providers/nobody')).status).toBe(404);
  expect((await send('DELETE', '/api/v1/providers/sandbox')).status).toBe(409);
});

test('secret options are sealed as keys are', async () => {
  const options = { region: 'eu-central-1', accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'aws-secret-0123456789' };
  expect((await send('PUT', '/api/v1/providers/aws', { kind: 'bedrock', options })).status).toBe(200);
  expect((await shown('aws'))?.settings?.options).toEqual({ region: 'eu-central-1', accessKeyId: 'AKIAEXAMPLE' });
  for (const path of ['/api/v1/providers', '/api/v1/audit?limit=50'])
    expect(await (await gateway.fetch(path)).text()).not.toContain('aws-secret');
  const { sealedUnder } = (await send('GET', '/api/v1/secrets')).body as { sealedUnder: { count: number }[] };
  expect(sealedUnder[0]!.count).toBeGreaterThanOrEqual(2);
  expect((await send('DELETE', '/api/v1/providers/aws')).status).toBe(200);
  expect(await shown('aws')).toBeUndefined();
});

test('a new secret option replaces all that were sealed before: a session token goes with its key', async () => {
  const put = (options: object) =>
    send('PUT', '/api/v1/providers/aws', {
      kind: 'bedrock',
      baseUrl,
      options: { region: 'eu-central-1', accessKeyId: 'AKIAEXAMPLE', ...options },
    });
  const asked = async () => {
    await send('POST', '/api/v1/providers/aws/test');
    return sessionToken;
  };
  await put({ secretAccessKey: 'aws-secret-1', sessionToken: 'token-1' });
  expect(await asked()).toBe('token-1');
  await put({});
  expect(await asked()).toBe('token-1');
  await put({ secretAccessKey: 'aws-secret-2' });
  expect(await asked()).toBeNull();
  await send('DELETE', '/api/v1/providers/aws');
});

test('what an operator says of a model is what calls cost from then on', async () => {
  await send('PUT', '/api/v1/providers/added', { kind: 'openai-compatible', baseUrl, apiKey: secret });
  const cost = async () => {
    const { response } = await ask('added/tiny');
    return (await gateway.rowsOf(response))[0]!.costUsd;
  };
  // What runs on machines of one's own costs nothing unless somebody says otherwise.
  expect(await cost()).toBe('0');
  const facts = { price: { input: 2, output: 4 }, context: 4096 };
  expect((await send('PUT', '/api/v1/models/added%2Ftiny', facts)).status).toBe(200);
  // 1,000 tokens at $2 and 500 at $4 a million.
  expect(Number(await cost())).toBeCloseTo(0.004, 9);
  const { data } = (await send('GET', '/api/v1/models')).body as {
    data: { id: string; source?: string; said?: object }[];
  };
  expect(data.find(({ id }) => id === 'added/tiny')).toMatchObject({ ...facts, source: 'operator', said: facts });
  expect(data.filter(({ said }) => said).map(({ id }) => id)).toEqual(['added/tiny']);
  expect((await send('DELETE', '/api/v1/models/added%2Ftiny')).status).toBe(200);
  expect(await cost()).toBe('0');
  expect((await send('DELETE', '/api/v1/models/added%2Ftiny')).status).toBe(404);
  expect((await send('PUT', '/api/v1/models/nobody%2Ftiny', facts)).status).toBe(404);
  expect((await send('PUT', '/api/v1/models/sandbox%2Fsandbox-large', facts)).status).toBe(409);
  expect((await send('PUT', '/api/v1/models/added%2Ftiny', { price: { input: -1 } })).status).toBe(400);
});

test('branding is shown to everybody and changed by operators', async () => {
  const plain = { name: null, hue: null, logo: null, welcome: null };
  const seenByAll = async () => (await fetch(`${gateway.url}/api/v1/branding`)).json();
  expect(await seenByAll()).toEqual(plain);
  const logo = `data:image/svg+xml;base64,${btoa('<svg xmlns="http://www.w3.org/2000/svg"/>')}`;
  const ours = { name: 'Acme AI', hue: 140, logo, welcome: 'Ask away.' };
  expect((await send('PUT', '/api/v1/branding', ours)).status).toBe(200);
  expect(await seenByAll()).toEqual(ours);
  for (const wrong of [{ logo: 'https://elsewhere.example/logo.png' }, { hue: 360 }, { name: '' }, { colour: 'red' }])
    expect((await send('PUT', '/api/v1/branding', wrong)).status).toBe(400);
  await send('PUT', '/api/v1/branding', {});
  expect(await seenByAll()).toEqual(plain);
});

test('how the gateway runs is told to operators, with nothing secret', async () => {
  const { status, body, text } = await send('GET', '/api/v1/settings');
  expect(status).toBe(200);
  expect(body).toMatchObject({ redis: false, settings: { limits: { totalMs: 900_000 }, retries: { attempts: 3 } } });
  expect(text).not.toContain(secret);
  expect(Object.keys(body.settings as object)).not.toContain('providers');
  expect(Object.keys(body.settings as object)).not.toContain('auth');
});
