import { beforeAll, expect, test } from 'bun:test';
import { text } from 'node:stream/consumers';
import { runCli, runJson, startCli } from '../../../test/run-cli.ts';
import { firstUseMs, type ServerProcess, sharedServer } from '../../../test/shared-server.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await sharedServer();
}, firstUseMs);

const chat = (line: string[], input?: string) => runCli(['chat', ...line], { server, input });

test(
  'an answer goes to stdout alone; what it cost stands on stderr',
  async () => {
    const { code, stdout, stderr } = await chat(['what is 17*23']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '[sandbox small] 17 * 23 = 391\n' });
    expect(stderr).toMatch(
      /^sandbox\/sandbox-small · route: .+\n\$0\.0\d+ · \d+ in, \d+ out · \d+ ms, first token \d+ ms\n$/,
    );
  },
  firstUseMs,
);

test('what is piped in is the prompt, or is added to it', async () => {
  expect((await chat([], 'what is 3*4\n')).stdout).toContain('= 12');
  const { stdout } = await chat(['Repeat this:', '--once'], 'three little words');
  expect(stdout).toContain('three little words');
  const nothing = await chat([]);
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  expect(nothing.stderr).toContain('There is nothing to say');
});

test('an answer leaves through a pipe as it comes', async () => {
  const child = startCli(['chat', '-m', 'slow/sandbox-small', 'sandbox:tokens=30'], { server });
  const arrived: { text: string; ms: number }[] = [];
  child.stdout.setEncoding('utf8').on('data', (part: string) => arrived.push({ text: part, ms: performance.now() }));
  await new Promise((resolve) => child.on('close', resolve));
  // 30 tokens with 20 ms between them: had the answer been held back, all would have come at once.
  expect(arrived.length).toBeGreaterThan(10);
  expect(arrived.at(-1)!.ms - arrived[0]!.ms).toBeGreaterThan(300);
  expect(
    arrived
      .map((part) => part.text)
      .join('')
      .trim()
      .split(/\s+/),
  ).toHaveLength(30);
});

test('--json prints one object with the answer and the row of the ledger', async () => {
  const answer = await runJson<Record<string, unknown>>(['chat', '-m', 'sandbox/sandbox-large', 'what is 2+2'], {
    server,
  });
  expect(answer).toMatchObject({ finish: 'stop', interrupted: false, model: 'sandbox/sandbox-large' });
  expect(answer.text).toContain('= 4');
  const { inputTokens, outputTokens } = answer as { inputTokens: number; outputTokens: number };
  expect(Number(answer.costUsd)).toBeCloseTo((inputTokens * 1 + outputTokens * 4) / 1e6, 9);
});

test('a call that was read to its end is one that succeeded', async () => {
  const { requestId } = await runJson<{ requestId: string }>(['chat', 'hello'], { server });
  const key = (await Bun.file(`${server.dataDir}/admin-key`).text()).trim();
  const call = await fetch(`${server.url}/api/v1/calls/${requestId}`, { headers: { authorization: `Bearer ${key}` } });
  expect(await call.json()).toMatchObject({ outcome: 'ok', status: 200 });
});

test('the system text reaches the model', async () => {
  const short = await runJson<{ inputTokens: number }>(['chat', 'hello'], { server });
  const long = await runJson<{ inputTokens: number }>(['chat', '-s', 'You are a very patient teacher.', 'hello'], {
    server,
  });
  expect(long.inputTokens).toBeGreaterThan(short.inputTokens + 5);
});

test('Ctrl-C stops an answer; what was said and its cost are still shown', async () => {
  const child = startCli(['chat', '-m', 'slow/sandbox-small', 'sandbox:tokens=5000'], { server });
  child.stdout.once('data', () => child.kill('SIGINT'));
  const ended = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  expect(code).toBe(130);
  expect(stdout.length).toBeLessThan(2000);
  expect(stderr).toMatch(/^stopped\nslow\/sandbox-small · route: .*\n\$0\.\d+ · \d+ in, \d+ out · /);
});

test('an answer that breaks off is shown, and is a failure', async () => {
  const { code, stdout, stderr } = await chat(['-m', 'sandbox/sandbox-large', 'sandbox:stream-error']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '[sandbox\n' });
  expect(stderr).toContain('error: The sandbox failed in the middle of the answer');
  const json = await chat(['--json', '-m', 'sandbox/sandbox-large', 'sandbox:cut']);
  expect(json).toMatchObject({ code: 1, stdout: '' });
});

test('an answer that ended early says why', async () => {
  expect((await chat(['sandbox:length tell me of rivers'])).stderr).toContain('ended at its length limit');
  expect((await chat(['sandbox:filter tell me of rivers'])).stderr).toContain('withheld the rest');
});

test('an unknown model is corrected', async () => {
  const { code, stdout, stderr } = await chat(['-m', 'sandbx/sandbox-smal', 'hi']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('Did you mean `sandbox/sandbox-small`?');
  const bare = await chat(['-m', 'sandbox/nothing-like-it', 'hi']);
  expect(bare.stderr).toContain('`sluice models` lists what there is.');
});
