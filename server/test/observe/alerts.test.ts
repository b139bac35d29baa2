import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import type { JsonObject } from '../../src/core/json.ts';
import { askCent, cent, centConfig, moneyRoutes } from '../money/spending.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { databaseTimeoutMs } from '../support/databases.ts';
import { fakeSmtp } from '../support/fake-smtp.ts';
import { type ReceivedPost, type Receiver, startReceiver } from '../support/receiver.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

setDefaultTimeout(databaseTimeoutMs);

const key = Buffer.from('a secret of twenty-four or more bytes');
const secret = `whsec_${key.toString('base64')}`;

let upstream: Replayer;
let receiver: Receiver;
let smtp: Awaited<ReturnType<typeof fakeSmtp>>;

beforeAll(async () => {
  [upstream, receiver, smtp] = await Promise.all([startReplayer(), startReceiver(), fakeSmtp()]);
});
afterAll(async () => {
  await Promise.all([upstream.stop(), receiver.stop()]);
  smtp.close();
});

interface Told {
  type: string;
  data: { key: string; kind: string; title: string; text: string; status: string; facts: JsonObject };
}
const bodyOf = ({ body }: ReceivedPost) => JSON.parse(body.toString()) as Told;
const to = (path: string) => (posts: ReceivedPost[]) => posts.filter((post) => post.path === path);
/** What came to this path, once there are so many. */
const told = (path: string, count = 1): Promise<ReceivedPost[]> =>
  receiver.until((posts) => (to(path)(posts).length >= count ? to(path)(posts) : undefined));

async function withGateway(alerts: JsonObject, more: JsonObject, use: (gateway: TestGateway) => Promise<void>) {
  upstream.reset();
  const gateway = await testGateway({
    config: centConfig(upstream, { alerts, retries: { attempts: 1, breakerFailures: 1000 }, ...more }),
  });
  try {
    await use(gateway);
  } finally {
    await gateway.stop();
  }
}
const ask = (gateway: TestGateway) => gateway.chat('openai-chat', { model: 'up/cent', body: askCent() });

test('a budget that reaches its thresholds is told of once each, in every channel, each in its own form', async () => {
  const channels = {
    hook: { kind: 'webhook', url: `${receiver.url}/hook`, secret },
    slack: { kind: 'slack', url: `${receiver.url}/slack/T0KEN` },
    mail: { kind: 'email', to: ['ops@example.com'] },
    others: { kind: 'webhook', url: `${receiver.url}/others`, for: ['provider'] },
  };
  const auth = {
    url: 'https://gateway.example',
    smtp: { host: '127.0.0.1', port: smtp.port, from: 'Sluice <sluice@gateway.example>' },
  };
  await withGateway({ channels }, { auth }, async (gateway) => {
    upstream.reply(cent);
    const routes = moneyRoutes(gateway.fetch);
    await routes.budget({ name: 'all of <us>', limit: '0.02', thresholds: [50, 100], window: 'day' });
    expect((await ask(gateway)).status).toBe(200);
    const [half] = await told('/hook');
    expect(bodyOf(half!)).toMatchObject({
      type: 'alert.firing',
      data: {
        kind: 'budget',
        severity: 'warning',
        title: 'The budget "all of <us>" reached 50 %',
        text: '$0.01 of $0.02 are spent.',
        facts: { name: 'all of <us>', threshold: 50, unit: 'usd' },
      },
    });
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = half!.headers;
    expect(signature).toBe(`v1,${createHmac('sha256', key).update(`${id}.${at}.${half!.body}`).digest('base64')}`);
    expect((await ask(gateway)).status).toBe(200);
    const [, whole] = await told('/hook', 2);
    expect(bodyOf(whole!).data).toMatchObject({
      severity: 'critical',
      text: '$0.02 of $0.02 are spent. Further calls are refused.',
    });
    const [slack] = await told('/slack/T0KEN', 2);
    expect(JSON.parse(slack!.body.toString()).text).toContain('*The budget "all of &lt;us&gt;" reached 50 %*');
    const mail = await smtp.next('ops@example.com');
    // Long subjects are folded and encoded.
    expect(mail.subject).toMatch(/Sluice.*The_budget/);
    expect(mail.text).toContain('The budget "all of <us>" reached 50 %');
    expect(mail.text).toContain('$0.01 of $0.02 are spent.');
    // Refused calls settle too; nobody hears of the same thing twice.
    for (let call = 0; call < 3; call++) expect((await ask(gateway)).status).toBe(402);
    await gateway.ledgerAfter(4);
    expect(to('/hook')(receiver.posts)).toHaveLength(2);
    expect(to('/others')(receiver.posts)).toHaveLength(0);
    const metrics = await (await gateway.fetch('/metrics')).text();
    expect(metrics).toMatch(/^api_gateway_telemetry_items_total\{signal="alerts",outcome="sent"\} [56]$/m);
  });
});

describe('what calls come to', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    upstream.reset();
    gateway = await testGateway({
      config: centConfig(upstream, {
        retries: { attempts: 1, breakerFailures: 1000 },
        alerts: {
          channels: {
            down: { kind: 'webhook', url: `${receiver.url}/down`, for: ['provider'] },
            share: { kind: 'webhook', url: `${receiver.url}/share`, for: ['errors'] },
          },
          provider: { failures: 3, afterSeconds: 0 },
          errors: { above: 0.5, minRequests: 10, windowSeconds: 2 },
        },
      }),
    });
  }, databaseTimeoutMs);
  afterAll(() => gateway.stop());

  test('a provider at which every try fails is down once, and over with the first that succeeds', async () => {
    upstream.reply({ status: 503, body: { error: { message: 'Down.' } } });
    for (let call = 0; call < 2; call++) expect((await ask(gateway)).status).toBe(503);
    expect(to('/down')(receiver.posts)).toHaveLength(0);
    for (let call = 0; call < 3; call++) await ask(gateway);
    const [down] = await told('/down');
    expect(bodyOf(down!)).toMatchObject({
      type: 'alert.firing',
      data: { key: 'provider:up', title: 'The provider up is down', facts: { outcome: 'upstream_overloaded' } },
    });
    expect(down!.headers['webhook-signature']).toBeUndefined();
    upstream.reply(cent);
    expect((await ask(gateway)).status).toBe(200);
    const both = await told('/down', 2);
    expect(both.map((post) => bodyOf(post).type)).toEqual(['alert.firing', 'alert.resolved']);
  });

  test('a share of failing calls is told of, and when it is over', async () => {
    upstream.reply({ status: 500, body: { error: { message: 'Broken.' } } });
    await Promise.all(Array.from({ length: 30 }, () => ask(gateway)));
    const [firing] = await told('/share');
    expect(bodyOf(firing!).data).toMatchObject({
      kind: 'errors',
      title: expect.stringMatching(/ % of model calls fail$/),
    });
    const [, over] = await told('/share', 2);
    expect(bodyOf(over!).type).toBe('alert.resolved');
  });
});

test('no more than so many messages an hour leave for a channel, and a receiver that fails is tried again with the same id', async () => {
  const channels = { hook: { kind: 'webhook', url: `${receiver.url}/many` } };
  await withGateway({ channels, maxPerHour: 2 }, {}, async (gateway) => {
    upstream.reply(cent);
    receiver.answer(503);
    await moneyRoutes(gateway.fetch).budget({ limit: '0.04', thresholds: [10, 15, 20, 25] });
    expect((await ask(gateway)).status).toBe(200);
    await told('/many');
    receiver.answer(200);
    const posts = await receiver.until((all) => {
      const ids = new Set(to('/many')(all).map(({ headers }) => headers['webhook-id']));
      return ids.size >= 2 && to('/many')(all).length > 2 ? to('/many')(all) : undefined;
    });
    expect(new Set(posts.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    const metrics = await (await gateway.fetch('/metrics')).text();
    expect(metrics).toContain('api_gateway_telemetry_items_total{signal="alerts",outcome="dropped"} 2');
  });
});

test('a channel for mails without a mail server is a fault of the configuration', async () => {
  const starting = testGateway({
    config: { alerts: { channels: { mail: { kind: 'email', to: ['a@example.com'] } } } },
  });
  await expect(starting).rejects.toThrow(/alerts\.channels\.mail: a channel of the kind email needs `auth\.smtp`/);
});
