import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Dialect, dialects } from '../../src/core/wire-name.ts';
import { seededRandom } from '../conformance/seeded-random.ts';
import { errorIn } from '../gateway/dialect-errors.ts';
import { isLong } from '../money/spending.ts';
import { databaseTimeoutMs, temporaryFolder } from '../support/databases.ts';
import { adminKey, type ServerProcess, startServer } from '../support/server-process.ts';
import { pathOf } from '../test-gateway.ts';
import { mutateBytes, mutateJson } from './mutate.ts';

// Bodies and raw bytes that nobody meant, made from a kept corpus by a seed: the gateway says what is wrong, or answers. It
// never fails, never hangs, and stays up. What was once found is put into the corpus, which is sent as it is first.

setDefaultTimeout(isLong ? 7_200_000 : databaseTimeoutMs * 3);
const seed = Number(process.env.SLUICE_SEED ?? 20_261_129);
const bodies = isLong ? 1_000_000 : 10_000;
const raw = isLong ? 50_000 : 1500;
const model = 'sandbox/sandbox-small';
const hungMs = 20_000;

const corpus = join(import.meta.dirname, 'corpus');
const filesOf = (folder: string) =>
  readdirSync(join(corpus, folder))
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(corpus, folder, name)) }));

let server: ServerProcess;
let pid: number;
beforeAll(async () => {
  server = startServer({
    config: 'providers:\n  sandbox: { kind: sandbox }\nlimits: { bodyBytes: 200000 }\n',
    environment: { SLUICE_LOG_LEVEL: 'silent' },
  });
  await server.ready();
  ({ pid } = server);
  console.log(`seed ${seed} (SLUICE_SEED)`);
}, databaseTimeoutMs);
afterAll(() => server?.end('SIGKILL'));

async function expectAlive(): Promise<void> {
  expect((await server.ask('/health')).status).toBe(200);
  expect(server.pid).toBe(pid);
  expect((await server.chat({ messages: [{ role: 'user', content: 'sandbox:tokens=1' }] })).status).toBe(200);
  expect(server.said.err).toBe('');
}

/** Where what failed is kept, to be looked at and then put into the corpus. */
function keep(name: string, bytes: Buffer): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return `${path} (${bytes.toString('base64').slice(0, 400)})`;
}

const agent = new Agent({ keepAlive: true });
afterAll(() => agent.destroy());

interface Answer {
  status: number;
  text: string;
}

function post(url: string, path: string, body: Buffer): Promise<Answer | string> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${adminKey}`,
      'content-type': 'application/json',
      'content-length': body.length,
    };
    const sent = request(`${url}${path}`, { method: 'POST', agent, headers, timeout: hungMs }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', (error) => resolve(`cut: ${error.message}`));
    });
    sent.on('timeout', () => {
      resolve('hung');
      sent.destroy();
    });
    sent.on('error', (error) => resolve(`broken: ${error.message}`));
    sent.end(body);
  });
}

/** Refused in the dialect's words, or answered; nothing else. */
function wrongWith(dialect: Dialect, answer: Answer | string): string | undefined {
  if (typeof answer === 'string') return answer;
  const { status, text } = answer;
  if (status === 200) return undefined;
  if (status < 400 || status >= 500) return `${status} ${text.slice(0, 300)}`;
  try {
    return errorIn(dialect, JSON.parse(text)) ? undefined : `${status} in another form: ${text.slice(0, 300)}`;
  } catch {
    return `${status} and no JSON: ${text.slice(0, 300)}`;
  }
}

test('bodies that nobody meant are answered or refused in the words of the dialect, and the process stays up', async () => {
  const random = seededRandom(seed);
  const files = filesOf('bodies');
  const url = await server.url;
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  let next = 0;
  async function one(): Promise<void> {
    const index = next++;
    const file = files[index % files.length]!;
    const dialect = dialects.find((each) => file.name.startsWith(each))!;
    // First the corpus as it is, at every dialect.
    const asItIs = index < files.length * dialects.length;
    const at = asItIs ? dialects[Math.floor(index / files.length)]! : random() < 0.9 ? dialect : dialects[index % 4]!;
    const byValue = asItIs || random() < 0.4 ? undefined : mutateJson(file.bytes.toString('utf8'), random);
    const body = asItIs ? file.bytes : byValue ? Buffer.from(byValue) : mutateBytes(file.bytes, random);
    const answer = await post(url, pathOf(at, model, random() < 0.3), body);
    if (typeof answer !== 'string') statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const wrong = wrongWith(at, answer);
    if (wrong && faults.length < 10) faults.push(`${at}: ${wrong}: ${keep(`${at}-${seed}-${index}.json`, body)}`);
  }
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      while (next < bodies) await one();
    }),
  );
  expect(faults).toEqual([]);
  await expectAlive();
  console.log(
    `${bodies} bodies: ${[...statuses]
      .sort()
      .map(([status, count]) => `${status} × ${count}`)
      .join(', ')}`,
  );
});

/** Sends bytes over a connection of their own, says that no more come, and gathers what comes back until it is closed. */
function sendRaw(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let seen = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(bytes));
    const late = setTimeout(() => {
      resolve(`hung after ${JSON.stringify(seen.slice(0, 200))}`);
      socket.destroy();
    }, hungMs);
    socket.on('data', (part) => {
      seen += part.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(late);
      resolve(seen);
    });
  });
}

test('bytes that are no request are refused or dropped, and the process stays up', async () => {
  const random = seededRandom(seed + 1);
  const files = filesOf('requests').map(({ name, bytes }) => ({
    name,
    bytes: Buffer.from(bytes.toString('latin1').replaceAll('KEY', adminKey), 'latin1'),
  }));
  const port = Number(new URL(await server.url).port);
  const faults: string[] = [];
  const seen = new Map<string, number>();
  let next = 0;
  async function one(): Promise<void> {
    const index = next++;
    const file = files[index % files.length]!;
    const bytes = index < files.length ? file.bytes : mutateBytes(file.bytes, random);
    const said = await sendRaw(port, bytes);
    const status = said === '' ? 'dropped' : (/^HTTP\/1\.1 (\d{3})/.exec(said)?.[1] ?? 'other');
    seen.set(status, (seen.get(status) ?? 0) + 1);
    // 501 and 505 are HTTP's own words for a method or a version that nobody knows.
    const wrong =
      said.startsWith('hung') || status === 'other' || (status >= '500' && !/^(501|505|dropped)$/.test(status));
    if (wrong && faults.length < 10)
      faults.push(`${file.name}: ${said.slice(0, 300)}: ${keep(`${file.name}-${seed}-${index}`, bytes)}`);
  }
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      while (next < raw) await one();
    }),
  );
  expect(faults).toEqual([]);
  await expectAlive();
  console.log(
    `${raw} raw requests: ${[...seen]
      .sort()
      .map(([status, count]) => `${status} × ${count}`)
      .join(', ')}`,
  );
});
