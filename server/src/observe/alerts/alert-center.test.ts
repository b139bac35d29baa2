import { expect, test } from 'bun:test';
import { alerts } from '../../config/alerts.ts';
import type { Alert, AlertMessage } from './alert.ts';
import { createAlertCenter } from './alert-center.ts';

const minuteMs = 60_000;
const alert = (over: Partial<Alert> = {}): Alert => ({
  key: 'provider:a',
  kind: 'provider',
  severity: 'critical',
  title: 'a is down',
  text: 'really',
  facts: {},
  ...over,
});

/** Replicas that share what they claim, with a clock that is set by hand. */
function setUp(section: object = {}) {
  const clock = { ms: 1_000_000 };
  const claimed = new Map<string, number>();
  const settings = alerts.parse({ channels: { hook: { kind: 'webhook', url: 'http://127.0.0.1:1' } }, ...section });
  const told: [channel: string, message: AlertMessage][] = [];
  const faults: string[] = [];
  const replica = () =>
    createAlertCenter({
      settings: () => settings,
      async deliver(message, channel) {
        told.push([channel.kind === 'webhook' ? 'hook' : channel.kind, message]);
        return 'sent';
      },
      async claim(key, forMs) {
        if ((claimed.get(key) ?? 0) > clock.ms) return false;
        claimed.set(key, clock.ms + forMs);
        return true;
      },
      async release(key) {
        claimed.delete(key);
      },
      onGone() {},
      onFault: (channel, words) => faults.push(`${channel}: ${words}`),
      nowMs: () => clock.ms,
    });
  return { clock, replica, told, faults };
}

/** What a centre has to tell is on its way once it is closed. */
const toldBy = async (center: ReturnType<typeof createAlertCenter>) => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  await center.close();
};

test('the same thing is told of once, again after a while, and once when it is over', async () => {
  const { clock, replica, told } = setUp({ repeatMinutes: 10 });
  const center = replica();
  const pass = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  for (let time = 0; time < 5; time++) center.fire(alert());
  await pass();
  clock.ms += 11 * minuteMs;
  center.fire(alert({ text: 'still' }));
  await pass();
  center.resolve('provider:a');
  center.resolve('provider:a');
  await toldBy(center);
  expect(told.map(([, { status, alert }]) => [status, alert.text])).toEqual([
    ['firing', 'really'],
    ['firing', 'still'],
    ['resolved', 'still'],
  ]);
  expect(new Set(told.map(([, { id }]) => id)).size).toBe(3);
  expect(told.map(([, { sinceMs }]) => sinceMs)).toEqual([1_000_000, 1_000_000, 1_000_000]);
});

test('of two replicas one tells, and the same one says that it is over', async () => {
  const { replica, told } = setUp();
  const [first, second] = [replica(), replica()];
  first.fire(alert());
  second.fire(alert());
  first.resolve('provider:a');
  second.resolve('provider:a');
  await Promise.all([toldBy(first), toldBy(second)]);
  expect(told.map(([, { status }]) => status)).toEqual(['firing', 'resolved']);
});

test('what was not told to a channel is not told to be over there', async () => {
  const { replica, told, faults } = setUp({
    maxPerHour: 1,
    channels: {
      hook: { kind: 'webhook', url: 'http://127.0.0.1:1' },
      chat: { kind: 'slack', url: 'http://127.0.0.1:1', for: ['budget'] },
    },
  });
  const center = replica();
  center.fire(alert());
  center.fire(alert({ key: 'provider:b' }));
  center.resolve('provider:a');
  center.resolve('provider:b');
  await toldBy(center);
  expect(told.map(([channel, { status, alert }]) => [channel, status, alert.key])).toEqual([
    ['hook', 'firing', 'provider:a'],
    ['hook', 'resolved', 'provider:a'],
  ]);
  expect(faults).toEqual(['hook: it has had its most messages within the hour']);
});

test('without a channel nothing is kept', async () => {
  const { replica, told } = setUp({ channels: {} });
  const center = replica();
  center.fire(alert());
  expect(center.isStanding('provider:a')).toBe(false);
  await toldBy(center);
  expect(told).toEqual([]);
});
