// Runs llmprobe (an npm package that knows what the OpenAI, Responses, Anthropic and embeddings APIs must do) against the
// gateway and fails when one of its MUST checks does. It is fetched by npx at the first run and is no dependency.
//
//   node server/test/llmprobe.mjs                      a gateway of its own with the sandbox
//   node server/test/llmprobe.mjs <url> <key> [model]  one that runs already
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const probe = 'llmprobe@0.6.12';
const chatSurfaces = ['models', 'chat', 'responses', 'messages', 'count-tokens'];
const start = join(dirname(fileURLToPath(import.meta.url)), '../../scripts/sluice.mjs');
const folder = mkdtempSync(join(tmpdir(), 'sluice-llmprobe-'));
const [url, key, model] = process.argv.slice(2);

const gateway = url ? { url, key, stop: async () => {} } : await startGateway();
let failed = 0;
try {
  const runs = model
    ? [[model, chatSurfaces]]
    : [
        ['sandbox/sandbox-small', chatSurfaces],
        ['sandbox/sandbox-large', chatSurfaces],
        ['sandbox/sandbox-embedding', ['models', 'embeddings']],
      ];
  for (const [name, surfaces] of runs) failed += show(name, surfaces, await run(name));
} finally {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;

async function startGateway() {
  const data = join(folder, 'data');
  const child = spawn(process.execPath, [start, 'serve'], {
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PORT: '0',
      SLUICE_DATA_DIR: data,
      SLUICE_CONFIG: join(folder, 'none.yaml'),
      SLUICE_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const address = await new Promise((resolve, reject) => {
    let printed = '';
    ended.then(() => reject(new Error(`The gateway did not start: ${printed}`)));
    child.stdout.setEncoding('utf8').on('data', (text) => {
      printed += text;
      const found = /running at (http:\/\/\S+)/.exec(printed);
      if (found) resolve(found[1]);
    });
  });
  while (!(await fetch(`${address}/ready`)).ok) await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    url: address,
    key: readFileSync(join(data, 'admin-key'), 'utf8').trim(),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The report of one run. What llmprobe prints is shown only when there is no report. */
async function run(name) {
  const path = join(folder, 'report.json');
  rmSync(path, { force: true });
  const args = [
    '--yes',
    probe,
    gateway.url,
    '-k',
    gateway.key,
    '-m',
    name,
    '--no-bench',
    '--no-save',
    '--no-color',
    '--save',
    path,
  ];
  const child = spawn('npx', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      printed += text;
    });
  // It ends with 1 when anything at all failed, what the model does not know included.
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new Error(`llmprobe gave no report:\n${printed}`);
  }
}

/** Prints the scores of the surfaces that this model serves, and returns how many MUST checks failed. */
function show(name, surfaces, { conformance }) {
  console.log(`\n${name}`);
  let missing = 0;
  for (const surface of surfaces) {
    const score = conformance.bySurface.find((each) => each.surface === surface);
    if (!score) {
      console.log(`  ${surface.padEnd(14)} not probed`);
      missing++;
      continue;
    }
    console.log(`  ${surface.padEnd(14)} ${score.passed}/${score.total} MUST`);
    missing += score.total - score.passed;
  }
  for (const { name: check, surface, failures } of conformance.results)
    if (surfaces.includes(surface))
      for (const { severity, message } of failures) console.log(`  - ${severity} ${check}: ${message}`);
  return missing;
}
