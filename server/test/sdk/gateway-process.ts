import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/json.ts';

export interface KeyWish {
  name: string;
  role?: 'admin' | 'member';
  models?: string[];
  expiresAt?: string;
}

/** A gateway as an operator starts it, on a port of its own with an empty data folder. */
export interface GatewayProcess {
  /** Without a slash at the end. */
  url: string;
  port: number;
  adminKey: string;
  /** Creates a virtual key; a member's unless the wish says more. */
  createKey(wish: KeyWish): Promise<{ id: string; key: string }>;
  revokeKey(id: string): Promise<void>;
  /** The ledger's rows of one key, newest first. */
  calls(keyId: string): Promise<JsonObject[]>;
  stop(): Promise<void>;
}

const startPath = join(import.meta.dirname, '../../../scripts/sluice.mjs');
// The gateway lives as long as the pipe from this process, and its folder goes with it, however the tests end.
const untilPipeCloses = 'dir=$1; shift; "$@" & cat >/dev/null; kill $!; wait $!; rm -rf "$dir"';
const longestStartMs = 60_000;

/**
 * Starts `sluice serve` and resolves when it is ready. `config` is the text of its `sluice.yaml`. No provider key reaches it,
 * so the offline sandbox answers.
 */
export async function startGateway({ config }: { config?: string } = {}): Promise<GatewayProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sdk-'));
  const configPath = join(folder, 'sluice.yaml');
  if (config !== undefined) writeFileSync(configPath, config);
  const child = spawn('sh', ['-c', untilPipeCloses, 'sh', folder, 'node', startPath, 'serve'], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PORT: '0',
      SLUICE_DATA_DIR: join(folder, 'data'),
      SLUICE_CONFIG: configPath,
      SLUICE_LOG_LEVEL: 'error',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await addressOf(child);
  await ready(url);
  const adminKey = readFileSync(join(folder, 'data/admin-key'), 'utf8').trim();

  async function platform(method: string, path: string, body?: object): Promise<JsonObject> {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as JsonObject;
  }

  return {
    url,
    port: Number(new URL(url).port),
    adminKey,
    async createKey(wish) {
      const { id, key } = await platform('POST', '/api/v1/keys', wish);
      return { id: String(id), key: String(key) };
    },
    async revokeKey(id) {
      await platform('DELETE', `/api/v1/keys/${id}`);
    },
    async calls(keyId) {
      const { data } = await platform('GET', `/api/v1/calls?limit=1000&key=${keyId}`);
      return data as JsonObject[];
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await ended;
    },
  };
}

/** Reads the address from what the server prints for people. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.once('exit', (code) => reject(new Error(`The gateway ended with ${code} before it served: ${printed}`)));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const match = /running at (http:\/\/\S+)/.exec(printed);
      if (match) resolve(match[1]!);
    });
  });
}

async function ready(url: string): Promise<void> {
  const endMs = Date.now() + longestStartMs;
  while (Date.now() < endMs) {
    if ((await fetch(`${url}/ready`)).ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The gateway did not become ready.');
}

/**
 * A configuration with the sandbox and, beside it, sandboxes of these names: a fault sets the credential or the model of one
 * aside for a while, and the others go on.
 */
export const sandboxes = (...names: string[]): string =>
  `providers:\n${['sandbox', ...names].map((name) => `  ${name}: { kind: sandbox }\n`).join('')}`;
