import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { databaseTimeoutMs } from '../support/databases.ts';
import { adminKey, type ServerProcess, startServer } from '../support/server-process.ts';

setDefaultTimeout(databaseTimeoutMs);

const secrets = {
  providerKey: 'sk-provider-key-4d1f',
  environmentKey: 'gsk-environment-key-77aa',
  header: 'header-secret-9c0e',
  prompt: 'the prompt of a private conversation',
  wrongKey: 'a-mistyped-key-31bb',
  databasePassword: 'database-password-5e5e',
  adminKey,
};

/** A provider that repeats what it was sent in its errors, as some do. */
const echoing = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  async fetch(request) {
    const said = `${request.headers.get('authorization')} ${request.headers.get('x-secret')} ${await request.text()}`;
    const status = Number(/status-(\d+)/.exec(said)?.[1] ?? 200);
    if (status === 200) return new Response(said, { headers: { 'content-type': 'text/html' } });
    return Response.json({ error: { message: `Incorrect key: ${said}`, type: 'invalid_request_error' } }, { status });
  },
});

let server: ServerProcess;
beforeAll(async () => {
  server = startServer({
    config: `providers:
  echo: { kind: openai-compatible, baseUrl: "http://127.0.0.1:${echoing.port}/v1", apiKey: ${secrets.providerKey}, headers: { x-secret: ${secrets.header} } }
  sandbox: { kind: sandbox }
logging: { level: debug }
`,
    environment: { GROQ_API_KEY: secrets.environmentKey, MISTRAL_API_KEY: secrets.environmentKey },
  });
  await server.ready();
});
afterAll(async () => {
  await server.end('SIGKILL');
  await echoing.stop(true);
});

test('no line of a log, a metric or an answer of the platform holds a secret, whatever went wrong', async () => {
  const messages = (word = '') => [{ role: 'user', content: `${secrets.prompt} ${word}` }];
  const answers: string[] = [];
  for (const model of ['sandbox/sandbox-small', 'nobody/nothing'])
    answers.push(await (await server.chat({ model, messages: messages() })).text());
  // What a provider says of a request is passed on, so the prompt is not in these.
  for (const status of [200, 400, 404, 500, 401]) {
    const said = {
      model: `echo/m${status}`,
      messages: [{ role: 'user', content: `status-${status}` }],
      stream: status === 500,
    };
    answers.push(await (await server.chat(said)).text());
  }
  await (
    await server.ask('/v1/chat/completions', {
      method: 'POST',
      body: `{"model":"sandbox/sandbox-small","prompt":"${secrets.prompt}`,
    })
  ).text();
  const wrong: Record<string, string>[] = [
    { authorization: `Bearer ${secrets.wrongKey}` },
    { authorization: `Basic ${secrets.wrongKey}` },
    { authorization: '', 'x-api-key': secrets.wrongKey },
  ];
  for (const headers of wrong) {
    expect((await server.ask('/v1/models', { headers })).status).toBe(401);
  }
  await fetch(`${await server.url}/v1beta/models?key=${secrets.wrongKey}`);
  await (await fetch(`${await server.url}/v1beta/models?key=${encodeURIComponent(adminKey)}`)).text();
  const { key } = (await (
    await server.ask('/api/v1/keys', { method: 'POST', body: JSON.stringify({ name: 'a key' }) })
  ).json()) as { key: string };
  await (await server.ask('/v1/models', { headers: { authorization: `Bearer ${key}` } })).text();
  for (const path of [
    '/metrics',
    '/api/v1/providers',
    '/api/v1/keys',
    '/api/v1/models',
    '/openapi.json',
    '/api/v1/usage',
  ])
    answers.push(await (await server.ask(path)).text());
  answers.push(await (await server.ask('/api/v1/providers/echo/test', { method: 'POST' })).text());

  expect(await server.end('SIGTERM')).toBe(0);
  for (const secret of [...Object.values(secrets), key, key.slice(12, -4)]) {
    expect(server.said.out).not.toContain(secret);
    expect(server.said.err).not.toContain(secret);
  }
  for (const answer of answers)
    for (const secret of [...Object.values(secrets), key])
      if (secret !== secrets.prompt) expect(answer).not.toContain(secret);
  // The log is there: a line a call, with its request id and status.
  const lines = server.said.err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { requestId?: string; status?: number; msg?: string });
  expect(
    lines.filter(({ requestId, status }) => requestId !== undefined && status !== undefined).length,
  ).toBeGreaterThanOrEqual(8);
});

test('a database that cannot be reached is told without its password', async () => {
  const away = startServer({
    environment: { DATABASE_URL: `postgres://sluice:${secrets.databasePassword}@127.0.0.1:1/sluice` },
  });
  expect(await away.exited).toBe(1);
  expect(away.said.err).toContain('database');
  expect(away.said.err + away.said.out).not.toContain(secrets.databasePassword);
});

test('a line of the log appears within seconds, not when thousands of bytes have gathered', async () => {
  const quiet = startServer();
  await (await quiet.chat({ model: 'nobody/nothing', messages: [{ role: 'user', content: 'hi' }] })).text();
  const endMs = performance.now() + 5000;
  while (quiet.said.err === '' && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
  await quiet.end('SIGKILL');
  expect(quiet.said.err).toContain('model_not_found');
});
