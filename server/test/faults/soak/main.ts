// `npm run soak -- --minutes 5`: constant load on a real server, and the slope of what it holds. Prints one JSON line a sample
// and the slopes at the end; ends with 1 when a call failed.
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { longer } from '../../replayer/faults.ts';
import { recording } from '../../replayer/recording.ts';
import { startReplayer } from '../../replayer/replayer.ts';
import { closeDatabases } from '../../support/databases.ts';
import { startServer } from '../../support/server-process.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    rate: { type: 'string', default: '100' },
    'sample-seconds': { type: 'string', default: '5' },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const sampleMs = Number(values['sample-seconds']) * 1000;
if (!(minutes > 0 && rate > 0 && sampleMs > 0)) {
  console.error('Usage: npm run soak -- [--minutes 5] [--rate 100] [--sample-seconds 5]; each a number above 0.');
  process.exit(2);
}
/** Of the samples, so many at the beginning are warm-up. */
const warmUpShare = 0.3;
const streamShare = 0.3;
const hangUpShare = 0.05;

const upstream = await startReplayer();
upstream.reply(longer(recording('openai-chat/text'), 2, 20));
const server = startServer({
  config: JSON.stringify({
    discovery: false,
    providers: { up: { kind: 'openai-compatible', baseUrl: `${upstream.url}/v1`, apiKey: 'test' } },
    models: [{ id: 'up/model', price: { input: 1, output: 5 } }],
  }),
  environment: { SLUICE_LOG_LEVEL: 'error' },
});
await server.ready();

const counts = { whole: 0, streamed: 0, hungUp: 0, failed: 0, skipped: 0 };
let running = 0;

async function call(): Promise<void> {
  if (running > 500) {
    counts.skipped += 1;
    return;
  }
  running += 1;
  const stream = Math.random() < streamShare;
  const abort = new AbortController();
  const hangsUp = Math.random() < hangUpShare;
  try {
    const body = { model: 'up/model', stream, messages: [{ role: 'user', content: 'What is a tide pool?' }] };
    const response = await server.chat(body, { signal: abort.signal });
    if (hangsUp) {
      counts.hungUp += 1;
      abort.abort();
      return;
    }
    await response.text();
    if (response.status !== 200) throw new Error(String(response.status));
    counts[stream ? 'streamed' : 'whole'] += 1;
  } catch (error) {
    if (!abort.signal.aborted) {
      counts.failed += 1;
      console.error(String(error));
    }
  } finally {
    running -= 1;
  }
}

interface Sample {
  seconds: number;
  memoryMb: number;
  descriptors: number;
  eventLoopDelayMs: number;
}

async function sample(startedMs: number): Promise<Sample> {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  const metrics = await (await server.ask('/metrics')).text();
  const delay = Number(/^nodejs_eventloop_lag_(?:mean_)?seconds (\S+)$/m.exec(metrics)?.[1] ?? Number.NaN);
  return {
    seconds: Math.round((performance.now() - startedMs) / 1000),
    memoryMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
    descriptors: readdirSync(`/proc/${server.pid}/fd`).length,
    eventLoopDelayMs: delay * 1000,
  };
}

/** Least squares: how much of a figure is added a minute. */
function slopeOf(samples: Sample[], name: keyof Sample): number {
  const points = samples.map((each) => [each.seconds / 60, each[name]] as const).filter(([, y]) => Number.isFinite(y));
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const below = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return above / below;
}

const startedMs = performance.now();
const samples: Sample[] = [];
let sent = 0;
const sending = setInterval(() => {
  const due = ((performance.now() - startedMs) / 1000) * rate;
  for (; sent < due; sent++) {
    upstream.requests.length = 0;
    void call();
  }
}, 10);
while (performance.now() - startedMs < minutes * 60_000) {
  await new Promise((resolve) => setTimeout(resolve, sampleMs));
  const taken = await sample(startedMs);
  samples.push(taken);
  console.log(JSON.stringify(taken));
}
clearInterval(sending);
while (running > 0) await new Promise((resolve) => setTimeout(resolve, 20));
const after = samples.slice(Math.floor(samples.length * warmUpShare));
const round = (figure: number) => Math.round(figure * 1000) / 1000;
console.log(
  JSON.stringify({
    minutes,
    rate,
    ...counts,
    perMinute: {
      memoryMb: round(slopeOf(after, 'memoryMb')),
      descriptors: round(slopeOf(after, 'descriptors')),
      eventLoopDelayMs: round(slopeOf(after, 'eventLoopDelayMs')),
    },
    last: samples.at(-1),
  }),
);
await server.end('SIGTERM');
await upstream.stop();
await closeDatabases();
process.exit(counts.failed > 0 ? 1 : 0);
