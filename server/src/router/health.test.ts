import { expect, test } from 'bun:test';
import { targetOf } from '../../test/support/calls.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { createHealth, type Rest } from './health.ts';

const settings = { cooldownMs: 10_000, breakerFailures: 3, breakerOpenMs: 5000 };
const overloaded = new SluiceError('upstream_overloaded', 'busy');
const limited = (retryAfterMs?: number) => new SluiceError('upstream_rate_limited', 'slow down', { retryAfterMs });

function setUp() {
  const clock = { ms: 0 };
  return { clock, health: createHealth({ settings: () => settings, nowMs: () => clock.ms }) };
}

const target = targetOf('a/x');

test('a limited credential rests as long as the provider says, for all of its models and no other credential', () => {
  const { clock, health } = setUp();
  health.fail(target, limited(3000));
  expect(health.availability(target)).toEqual({ open: false, retryAfterMs: 3000, because: 'upstream_rate_limited' });
  expect(health.availability(targetOf('a/y'))).toMatchObject({ open: false, because: 'upstream_rate_limited' });
  expect(health.availability(targetOf('a/x', 'key-2'))).toEqual({ open: true });
  expect(health.availability(targetOf('b/x'))).toEqual({ open: true });
  expect(health.snapshot().coolingCredentials).toEqual(['a/key-1']);
  clock.ms = 2999;
  expect(health.availability(target).open).toBe(false);
  clock.ms = 3000;
  expect(health.availability(target)).toEqual({ open: true });
  expect(health.snapshot().coolingCredentials).toEqual([]);
});

test('what a provider said to this process is told, and what it said to another holds here without being told again', () => {
  const clock = { ms: 0 };
  const told: Rest[] = [];
  const here = createHealth({ settings: () => settings, nowMs: () => clock.ms, onRest: (rest) => told.push(rest) });
  here.fail(target, limited(3000));
  here.fail(target, overloaded);
  const rest: Rest = { key: 'a/key-1', ms: 3000, because: 'upstream_rate_limited' };
  expect(told).toEqual([rest]);
  here.rest({ ...rest, key: 'b/key-1', ms: 7_200_000 });
  expect(told).toHaveLength(1);
  expect(here.availability(targetOf('b/x'))).toMatchObject({ open: false, retryAfterMs: 60_000 });
});

test('a limit without a time rests for the configured time, and one of hours for a minute', () => {
  const { clock, health } = setUp();
  health.fail(target, limited());
  expect(health.availability(target)).toMatchObject({ retryAfterMs: 10_000 });
  clock.ms = 10_000;
  health.fail(target, limited(7_200_000));
  expect(health.availability(target)).toMatchObject({ retryAfterMs: 60_000 });
});

test('a refused or exhausted credential is set aside for a minute', () => {
  for (const code of ['upstream_credential', 'quota_exhausted'] as const) {
    const { health } = setUp();
    health.fail(target, new SluiceError(code, 'no'));
    expect(health.availability(target)).toMatchObject({ open: false, retryAfterMs: 60_000, because: code });
  }
});

test('failures in a row open the circuit of the deployment, for all of its credentials', () => {
  const { health } = setUp();
  health.fail(target, overloaded);
  health.fail(targetOf('a/x', 'key-2'), new SluiceError('upstream_timeout', 'slow'));
  expect(health.availability(target)).toEqual({ open: true });
  health.fail(target, new SluiceError('upstream_invalid_answer', 'what?'));
  expect(health.availability(targetOf('a/x', 'key-2'))).toEqual({
    open: false,
    retryAfterMs: 5000,
    because: 'no_target',
  });
  expect(health.availability(targetOf('a/y'))).toEqual({ open: true });
  expect(health.snapshot().openCircuits).toEqual(['a/x']);
});

test('an answer in between begins the count anew', () => {
  const { health } = setUp();
  for (let round = 0; round < 10; round++) {
    health.fail(target, overloaded);
    health.fail(target, overloaded);
    health.answered(target);
    health.succeed(target);
  }
  expect(health.availability(target)).toEqual({ open: true });
});

test("the caller's own faults open nothing", () => {
  const { health } = setUp();
  for (const code of [
    'upstream_rejected',
    'content_blocked',
    'context_window_exceeded',
    'invalid_request',
    'internal',
  ] as const) {
    for (let count = 0; count < 5; count++) health.fail(target, new SluiceError(code, 'no'));
  }
  expect(health.availability(target)).toEqual({ open: true });
});

function opened() {
  const world = setUp();
  for (let count = 0; count < settings.breakerFailures; count++) world.health.fail(target, overloaded);
  world.clock.ms = settings.breakerOpenMs;
  return world;
}

test('a half-open circuit lets one probe through; its success closes it for all', () => {
  const { health } = opened();
  expect(health.availability(target)).toEqual({ open: true });
  health.begin(target);
  expect(health.availability(target)).toMatchObject({ open: false, because: 'no_target' });
  health.answered(target);
  health.succeed(target);
  expect(health.availability(target)).toEqual({ open: true });
  health.begin(target);
  expect(health.availability(target)).toEqual({ open: true });
});

test('a probe that fails opens the circuit again for its whole time', () => {
  const { clock, health } = opened();
  health.begin(target);
  health.fail(target, overloaded);
  expect(health.availability(target)).toMatchObject({ open: false, retryAfterMs: 5000 });
  clock.ms += 5000;
  expect(health.availability(target)).toEqual({ open: true });
});

test('a probe whose caller hung up lets the next one try', () => {
  const { health } = opened();
  health.begin(target);
  health.abandon(target);
  expect(health.availability(target)).toEqual({ open: true });
});

test('a probe that streams for minutes does not keep others out, and one more fault opens the circuit again', () => {
  const { health } = opened();
  health.begin(target);
  health.answered(target);
  expect(health.availability(target)).toEqual({ open: true });
  health.fail(target, overloaded);
  expect(health.availability(target)).toMatchObject({ open: false, because: 'no_target' });
});

test('the first frame of an older stream does not close a circuit that is open', () => {
  const { health } = setUp();
  for (let count = 0; count < settings.breakerFailures; count++) health.fail(target, overloaded);
  health.answered(target);
  expect(health.availability(target)).toMatchObject({ open: false, because: 'no_target' });
});
