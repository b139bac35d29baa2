import { afterAll, expect, setDefaultTimeout, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { startServer } from '../support/server-process.ts';

setDefaultTimeout(databaseTimeoutMs);

let inVault = 'sk-first-value-in-vault';
let vaultIsUp = true;
let used: (string | null)[] = [];
const world = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/v1/secret') || pathname.startsWith('/v1/auth')) {
      if (!vaultIsUp) return Response.json({ errors: ['Vault is sealed'] }, { status: 503 });
      if (pathname === '/v1/auth/approle/login')
        return Response.json({ auth: { client_token: 'hvs.x', lease_duration: 1200, renewable: true } });
      return Response.json({ data: { data: { key: inVault }, metadata: { version: 1 } } });
    }
    if (request.method === 'GET') return Response.json({ data: [] });
    used.push(request.headers.get('authorization'));
    return Response.json({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'tiny',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    });
  },
});
afterAll(() => world.stop(true));

const address = `http://127.0.0.1:${world.port}`;
const environment = {
  VAULT_ADDR: address,
  VAULT_ROLE_ID: 'role',
  VAULT_SECRET_ID: 'secret-id-of-the-test',
  OTHER_KEY: 'sk-of-the-environment',
};
const configOf = (file: string) =>
  JSON.stringify({
    discovery: false,
    secrets: { refreshSeconds: 1 },
    providers: {
      vaulted: { kind: 'openai', baseUrl: `${address}/upstream`, apiKey: 'vault:secret/openai#key' },
      filed: { kind: 'openai', baseUrl: `${address}/upstream`, apiKeys: [{ key: `file:${file}` }] },
      set: { kind: 'openai', baseUrl: `${address}/upstream`, apiKeys: ['env:OTHER_KEY'] },
    },
  });

/** The key that a provider sees, asked until it is the one that is expected. */
async function seenBy(server: ReturnType<typeof startServer>, provider: string, expected: string): Promise<void> {
  let last: unknown;
  for (let tries = 0; tries < 200; tries++) {
    used = [];
    const { status } = await server.chat({ model: `${provider}/tiny`, messages: [{ role: 'user', content: 'hi' }] });
    last = { status, used };
    if (used[0] === `Bearer ${expected}`) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${provider} never saw the expected key: ${JSON.stringify(last)}`);
}

test('secrets of the configuration come from where it points, are read again, and stay when their manager is away', async () => {
  const file = join(temporaryFolder(), 'key');
  writeFileSync(file, 'sk-of-a-file\n');
  const server = startServer({ config: configOf(file), environment });
  try {
    await server.ready();
    await seenBy(server, 'vaulted', 'sk-first-value-in-vault');
    await seenBy(server, 'filed', 'sk-of-a-file');
    await seenBy(server, 'set', 'sk-of-the-environment');
    inVault = 'sk-second-value-in-vault';
    await seenBy(server, 'vaulted', 'sk-second-value-in-vault');
    vaultIsUp = false;
    while (!server.said.err.includes('the last value stays')) await new Promise((resolve) => setTimeout(resolve, 50));
    await seenBy(server, 'vaulted', 'sk-second-value-in-vault');
  } finally {
    await server.end('SIGKILL');
    vaultIsUp = true;
  }
  for (const secret of ['value-in-vault', 'sk-of-a-file', 'sk-of-the-environment', 'hvs.x', 'secret-id-of-the-test'])
    expect(server.said.out + server.said.err).not.toContain(secret);
});

test('a reference that cannot be read keeps the server from starting, in words', async () => {
  const server = startServer({ config: configOf('/nowhere/key'), environment });
  expect(await server.exited).toBe(1);
  expect(server.said.err).toContain('The file /nowhere/key cannot be read (ENOENT).');
});
