import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

// The first start of the embedded database takes seconds, so the test files share one server. No hook runs after the last of
// them: the server lives as long as the pipe from this process, and its folder goes with it.
const untilPipeCloses = 'dir=$1; shift; "$@" & cat >/dev/null; kill $!; wait $!; rm -rf "$dir"';

const config = {
  discovery: false,
  providers: {
    sandbox: { kind: 'sandbox' },
    slow: { kind: 'sandbox', options: { chunkDelayMs: 20 } },
    // Port 9 is that of a service which nobody runs any more.
    down: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'test' },
  },
  aliases: { quick: 'sandbox/sandbox-small' },
  groups: { writers: { models: ['sandbox/sandbox-large', 'sandbox/sandbox-small'] } },
};

export interface ServerProcess {
  url: string;
  /** Holds the file `admin-key`. */
  dataDir: string;
}

/** How long a test may take that is the first to need the database. */
export const firstUseMs = 60_000;

let shared: Promise<ServerProcess> | undefined;

/** The real server in a process of its own, on a free port: a quick sandbox, a slow one, and a provider that is down. */
export const sharedServer = (): Promise<ServerProcess> => (shared ??= start());

async function start(): Promise<ServerProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-cli-'));
  const configPath = join(dataDir, 'sluice.yaml');
  writeFileSync(configPath, JSON.stringify(config));
  const child = spawn('sh', ['-c', untilPipeCloses, 'sh', dataDir, process.execPath, program], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      SLUICE_DATA_DIR: dataDir,
      SLUICE_CONFIG: configPath,
      SLUICE_LOG_LEVEL: 'silent',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /running at (http:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { url, dataDir };
  }
  throw new Error('The server ended before it said where it runs.');
}
