import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manyCallsOut, startChild } from './child-process.ts';
import { freePort, waitUntilReady } from './ready.ts';

export interface GatewayOptions {
  /** The mock's base address. */
  mockBase: string;
  /** Holds the configuration, the data and the log. */
  directory: string;
  /** In place of the checkout's own server. */
  command?: string[];
  databaseUrl?: string;
  /** More of the configuration file, as YAML. */
  policies?: string;
}

/** The model whose upstream speaks the OpenAI chat wire, and the one whose upstream speaks Anthropic Messages. */
export const gatewayModels = { openai: 'bench-openai/tiny', anthropic: 'bench-anthropic/tiny' };

const root = join(import.meta.dirname, '../../..');
const ownCommand = [process.execPath, join(root, 'server/src/main.ts')];

/** Starts the gateway with everything on and two providers, both of them the mock; resolves when `/health` answers. */
export async function startGateway(options: GatewayOptions) {
  const { mockBase, directory, command = ownCommand, databaseUrl, policies = '' } = options;
  const port = await freePort();
  const key = createAdminKey();
  const data = join(directory, 'gateway-data');
  const config = join(directory, 'sluice.yaml');
  await mkdir(data, { recursive: true });
  await writeFile(config, gatewayConfig(mockBase) + policies);
  const child = startChild({
    command,
    role: 'subject',
    cwd: root,
    env: gatewayEnvironment({ port, key, data, config, databaseUrl }),
    logFile: join(directory, 'gateway.log'),
  });
  const base = `http://127.0.0.1:${port}`;
  try {
    await waitUntilReady(`${base}/health`, child);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { child, base, key, models: gatewayModels };
}

/**
 * A gateway with limits, a budget and the exact cache on, all of them too wide to refuse anything, and a key that they hold
 * for; and with guardrails, when they are asked for.
 */
export async function startGuardedGateway({ mockBase, directory, guardrails }: GuardedOptions) {
  const own = join(directory, guardrails ? 'guardrails' : 'guarded');
  await mkdir(own, { recursive: true });
  const policies = guardrails ? guardedPolicies + guardrailRules : guardedPolicies;
  const started = await startGateway({ mockBase, directory: own, policies });
  const ask = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${started.key}`, 'content-type': 'application/json' };
    const response = await fetch(started.base + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { id: string; key: string };
  };
  try {
    const { id, key } = await ask('/api/v1/keys', { name: 'bench' });
    await ask('/api/v1/budgets', guardedBudget(id));
    return { ...started, key };
  } catch (error) {
    await started.child.stop();
    throw error;
  }
}

interface GuardedOptions {
  mockBase: string;
  directory: string;
  guardrails: boolean;
}

const guardedPolicies = `
rateLimits:
  - { per: key, requestsPerMinute: 100000000, tokensPerMinute: 100000000000, concurrent: 100000 }
cache: { exact: { enabled: true } }
`;

/** What most would turn on: personal data, secrets, injections and words, in the question and, where it applies, the answer. */
export const guardrailRules = `
guardrails:
  rules:
    - { name: pii, check: { kind: pii }, action: mask }
    - { name: secrets, check: { kind: secrets }, action: block, on: both }
    - { name: injection, check: { kind: injection }, action: block }
    - { name: words, check: { kind: keywords, words: [project halcyon, internal only, blackbird] }, action: block, on: both }
    - { name: pictures, check: { kind: image-links }, action: redact, on: output }
`;

const guardedBudget = (keyId: string) => ({
  name: 'bench',
  scope: 'key',
  target: keyId,
  unit: 'usd',
  limit: '1000000',
  window: 'month',
});

/** The configuration file: prices are not zero, so that the ledger has something to reckon. */
export function gatewayConfig(mockBase: string): string {
  return `providers:
  bench-openai: { kind: openai-compatible, baseUrl: "${mockBase}/v1", apiKey: bench }
  bench-anthropic: { kind: anthropic, baseUrl: "${mockBase}", apiKey: bench }
models:
  - { id: ${gatewayModels.openai}, provider: bench-openai, upstream: tiny, context: 128000, price: { input: 0.15, output: 0.6 }, capabilities: [tools] }
  - { id: ${gatewayModels.anthropic}, provider: bench-anthropic, upstream: claude-tiny, context: 200000, price: { input: 3, output: 15 }, capabilities: [tools] }
`;
}

interface Settings {
  port: number;
  key: string;
  data: string;
  config: string;
  databaseUrl?: string;
}

/** A clean environment: a provider key or a database of the person at the keyboard must not change what is measured. */
function gatewayEnvironment({ port, key, data, config, databaseUrl }: Settings): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    NODE_ENV: 'production',
    ...manyCallsOut,
    HOST: '127.0.0.1',
    PORT: String(port),
    SLUICE_ADMIN_KEY: key,
    SLUICE_DATA_DIR: data,
    SLUICE_CONFIG: config,
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
  };
}

function createAdminKey(): string {
  return `sl_live_${randomBytes(20).toString('hex')}`;
}
