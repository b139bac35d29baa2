import { expect, test } from 'bun:test';
import { seededRandom } from '../../test/conformance/seeded-random.ts';
import { callContext, chatCall, frameOf } from '../../test/support/calls.ts';
import type { CallContext } from '../core/call.ts';
import type { Frame } from '../core/frame.ts';
import { type ErrorFacts, SluiceError } from '../core/sluice-error.ts';
import type { Target } from '../core/target.ts';
import { createDispatch } from './dispatch.ts';
import { createHealth } from './health.ts';

type Play = (target: Target, attempt: number, context: CallContext) => AsyncGenerator<Frame, void, undefined>;

interface Stage {
  targets: Target[];
  play: Play;
  maxAttempts?: number;
}

const at = (id: string, credential = 'key-1'): Target => {
  const [provider = '', upstream = ''] = id.split('/');
  return { deployment: { id, provider, upstream, info: { provider, id: upstream }, weight: 1 }, credential };
};

const fail = (code: SluiceError['code'], facts: ErrorFacts = {}): Play =>
  async function* () {
    throw new SluiceError(code, code, facts);
  };

const answer = (...texts: string[]): Play =>
  async function* () {
    for (const text of texts) yield frameOf(text);
  };

/** Each attempt follows the next of these; the last one stays. */
const inTurn =
  (...plays: Play[]): Play =>
  (target, attempt, context) =>
    plays[Math.min(attempt, plays.length) - 1]!(target, attempt, context);

function stage({ targets, play, maxAttempts = 3 }: Stage) {
  const clock = { ms: 0 };
  const called: string[] = [];
  const slept: number[] = [];
  const health = createHealth({
    settings: () => ({ cooldownMs: 10_000, breakerFailures: 5, breakerOpenMs: 10_000 }),
    nowMs: () => clock.ms,
  });
  const dispatch = createDispatch({
    router: { plan: () => ({ targets, reason: 'named' }) },
    health,
    callTarget(target, _call, context) {
      called.push(`${target.deployment.id} ${target.credential}`);
      return play(target, called.length, context);
    },
    maxAttempts: () => maxAttempts,
    async sleep(ms, abort) {
      if (abort.reason) throw abort.reason;
      slept.push(ms);
      clock.ms += ms;
    },
    nowMs: () => clock.ms,
    random: () => 0.5,
  });
  return { clock, called, slept, health, dispatch };
}

async function read(frames: AsyncGenerator<Frame, void, undefined>): Promise<string> {
  let text = '';
  for await (const frame of frames) text += new TextDecoder().decode(frame.bytes);
  return text;
}

async function thrownBy(frames: AsyncGenerator<Frame, void, undefined>): Promise<SluiceError> {
  try {
    await read(frames);
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('the best target answers, and the facts say so', async () => {
  const { dispatch, called } = stage({ targets: [at('a/x'), at('b/y')], play: answer('one', 'two') });
  const context = callContext();
  expect(await read(dispatch(chatCall(), context))).toBe('onetwo');
  expect(called).toEqual(['a/x key-1']);
  expect(context.facts).toMatchObject({
    model: 'a/x',
    provider: 'a',
    route: 'named',
    attempts: [{ model: 'a/x', outcome: 'ok' }],
  });
});

test.each([
  'upstream_rate_limited',
  'upstream_overloaded',
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_invalid_answer',
  'upstream_credential',
  'quota_exhausted',
] as const)('after %s another target answers without a wait', async (code) => {
  const { dispatch, called, slept } = stage({
    targets: [at('a/x'), at('b/y')],
    play: inTurn(fail(code), answer('ok')),
  });
  const context = callContext();
  expect(await read(dispatch(chatCall(), context))).toBe('ok');
  expect(called).toEqual(['a/x key-1', 'b/y key-1']);
  expect(slept).toEqual([]);
  expect(context.facts.attempts.map(({ model, outcome }) => [model, outcome])).toEqual([
    ['a/x', code],
    ['b/y', 'ok'],
  ]);
  expect(context.facts.route).toBe(`named; after a/x: ${code}`);
});

test.each(['upstream_rejected', 'content_blocked', 'invalid_request', 'not_implemented', 'internal'] as const)(
  '%s is not tried again anywhere',
  async (code) => {
    const { dispatch, called } = stage({ targets: [at('a/x'), at('b/y')], play: fail(code) });
    expect((await thrownBy(dispatch(chatCall(), callContext()))).code).toBe(code);
    expect(called).toHaveLength(1);
  },
);

test('three attempts at most, whatever number of targets there is, and the last error is the one that is told', async () => {
  const targets = ['a/x', 'b/x', 'c/x', 'd/x', 'e/x'].map((id) => at(id));
  const { dispatch, called } = stage({
    targets,
    play: (target) => fail('upstream_overloaded', { param: target.deployment.id })(target, 0, callContext()),
  });
  expect((await thrownBy(dispatch(chatCall(), callContext()))).facts.param).toBe('c/x');
  expect(called).toHaveLength(3);
});

test('one attempt when the configuration says one', async () => {
  const { dispatch, called } = stage({
    targets: [at('a/x'), at('b/x')],
    play: fail('upstream_overloaded'),
    maxAttempts: 1,
  });
  await thrownBy(dispatch(chatCall(), callContext()));
  expect(called).toHaveLength(1);
});

test('a lone target is tried again after a growing wait', async () => {
  const { dispatch, called, slept } = stage({
    targets: [at('a/x')],
    play: inTurn(fail('upstream_overloaded'), fail('upstream_overloaded'), answer('ok')),
  });
  expect(await read(dispatch(chatCall(), callContext()))).toBe('ok');
  expect(called).toHaveLength(3);
  expect(slept).toEqual([201, 401]);
});

test('a short Retry-After of a lone target is waited for, in full', async () => {
  const { dispatch, slept } = stage({
    targets: [at('a/x')],
    play: inTurn(fail('upstream_rate_limited', { retryAfterMs: 1500 }), answer('ok')),
  });
  expect(await read(dispatch(chatCall(), callContext()))).toBe('ok');
  expect(slept).toHaveLength(1);
  expect(slept[0]).toBeWithin(1500, 1600);
});

test('a long Retry-After, or a limit without one, is told to the caller at once', async () => {
  for (const retryAfterMs of [30_000, undefined]) {
    const { dispatch, called, slept } = stage({
      targets: [at('a/x')],
      play: fail('upstream_rate_limited', { retryAfterMs }),
    });
    const error = await thrownBy(dispatch(chatCall(), callContext()));
    expect([error.code, error.facts.retryAfterMs]).toEqual(['upstream_rate_limited', retryAfterMs]);
    expect([called.length, slept.length]).toEqual([1, 0]);
  }
});

test('a resting credential is passed over for another one of the same deployment', async () => {
  const { dispatch, called } = stage({
    targets: [at('a/x', 'key-1'), at('a/x', 'key-2')],
    play: inTurn(fail('upstream_rate_limited', { retryAfterMs: 60_000 }), answer('ok')),
  });
  await read(dispatch(chatCall(), callContext()));
  await read(dispatch(chatCall(), callContext()));
  expect(called).toEqual(['a/x key-1', 'a/x key-2', 'a/x key-2']);
});

test('when every target rests, the caller is told for how long, and nobody is called', async () => {
  const { dispatch, health, called } = stage({ targets: [at('a/x'), at('b/y')], play: answer('never') });
  health.fail(at('a/x'), new SluiceError('upstream_rate_limited', '', { retryAfterMs: 9000 }));
  health.fail(at('b/y'), new SluiceError('upstream_rate_limited', '', { retryAfterMs: 4000 }));
  const limited = await thrownBy(dispatch(chatCall(), callContext()));
  expect([limited.code, limited.facts.retryAfterMs, limited.status]).toEqual(['upstream_rate_limited', 4000, 429]);

  const broken = stage({ targets: [at('a/x')], play: answer('never') });
  for (let count = 0; count < 5; count++) broken.health.fail(at('a/x'), new SluiceError('upstream_overloaded', ''));
  const set = await thrownBy(broken.dispatch(chatCall(), callContext()));
  expect([set.code, set.facts.retryAfterMs, set.status]).toEqual(['no_target', 10_000, 503]);
  expect([...called, ...broken.called]).toEqual([]);
});

test('a request too long for one model goes to another model, not to the same one elsewhere', async () => {
  const { dispatch, called } = stage({
    targets: [at('a/x'), at('b/x'), at('b/large')],
    play: inTurn(fail('context_window_exceeded'), answer('ok')),
  });
  expect(await read(dispatch(chatCall(), callContext()))).toBe('ok');
  expect(called).toEqual(['a/x key-1', 'b/large key-1']);
});

test('nothing is tried again after a first frame, and the error comes after the frames', async () => {
  const { dispatch, called } = stage({
    targets: [at('a/x'), at('b/y')],
    play: async function* () {
      yield frameOf('half');
      throw new SluiceError('upstream_invalid_answer', 'cut');
    },
  });
  const seen: string[] = [];
  let error: unknown;
  try {
    for await (const { bytes } of dispatch(chatCall(), callContext())) seen.push(new TextDecoder().decode(bytes));
  } catch (thrown) {
    error = thrown;
  }
  expect(seen).toEqual(['half']);
  expect((error as SluiceError).code).toBe('upstream_invalid_answer');
  expect(called).toHaveLength(1);
});

test('faults in the middle of answers open the circuit too', async () => {
  const cut: Play = async function* () {
    yield frameOf('half');
    throw new SluiceError('upstream_invalid_answer', 'cut');
  };
  const { dispatch, health } = stage({ targets: [at('a/x')], play: cut });
  for (let count = 0; count < 5; count++) await thrownBy(dispatch(chatCall(), callContext()));
  expect(health.availability(at('a/x'))).toMatchObject({ open: false, because: 'no_target' });
});

test('what a failed attempt said of usage and errors is not left on the answer of the next one', async () => {
  const telling: Play = async function* (_target, _attempt, { facts }) {
    facts.usage = {
      input: 9,
      cacheRead: 0,
      cacheWrite: 0,
      cacheWrite1h: 0,
      audioInput: 0,
      output: 9,
      reasoning: 0,
      audioOutput: 0,
      estimated: true,
    };
    facts.error = new SluiceError('upstream_overloaded', 'busy');
    facts.finish = 'error';
    throw facts.error;
    yield frameOf('');
  };
  const { dispatch } = stage({ targets: [at('a/x'), at('b/y')], play: inTurn(telling, answer('ok')) });
  const context = callContext();
  await read(dispatch(chatCall(), context));
  expect(context.facts).toMatchObject({ usage: undefined, error: undefined, finish: undefined });

  const failing = callContext();
  await thrownBy(stage({ targets: [at('a/x')], play: telling, maxAttempts: 1 }).dispatch(chatCall(), failing));
  expect(failing.facts.usage).toBeUndefined();
});

test('a caller who hangs up before the first frame ends the call: no other target is tried and nobody is blamed', async () => {
  const { dispatch, called, health } = stage({
    targets: [at('a/x'), at('b/y')],
    play: async function* (_target, _attempt, context) {
      context.abort.abort(new SluiceError('client_closed', 'gone'));
      throw new SluiceError('client_closed', 'gone');
      yield frameOf('');
    },
  });
  for (let count = 0; count < 6; count++)
    expect((await thrownBy(dispatch(chatCall(), callContext()))).code).toBe('client_closed');
  expect(new Set(called)).toEqual(new Set(['a/x key-1']));
  expect(health.availability(at('a/x'))).toEqual({ open: true });
});

test("when the call's own time is over no other target is tried", async () => {
  const timeout = new SluiceError('upstream_timeout', 'The answer took longer than 900 s.');
  const { dispatch, called } = stage({
    targets: [at('a/x'), at('b/y')],
    play: async function* (_target, _attempt, context) {
      context.abort.abort(timeout);
      throw timeout;
      yield frameOf('');
    },
  });
  expect(await thrownBy(dispatch(chatCall(), callContext()))).toBe(timeout);
  expect(called).toHaveLength(1);
});

test('a caller who leaves in the middle closes the provider, and the provider is not blamed', async () => {
  let closed = false;
  const { dispatch, health } = stage({
    targets: [at('a/x')],
    play: async function* () {
      try {
        while (true) yield frameOf('more');
      } finally {
        closed = true;
      }
    },
  });
  const frames = dispatch(chatCall(), callContext());
  await frames.next();
  await frames.next();
  await frames.return();
  expect(closed).toBe(true);
  expect(health.availability(at('a/x'))).toEqual({ open: true });
});

test('with faults in 30% of the tries at one of two targets nobody sees an error, at 1.5 tries a request at most', async () => {
  const requests = 10_000;
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed);
    const codes = [
      'upstream_overloaded',
      'upstream_unreachable',
      'upstream_timeout',
      'upstream_invalid_answer',
      'upstream_rate_limited',
    ] as const;
    const faulty: Play = (target, attempt, context) =>
      target.deployment.provider === 'a' && random() < 0.3
        ? fail(codes[Math.floor(random() * codes.length)]!, { retryAfterMs: 1000 })(target, attempt, context)
        : answer('ok')(target, attempt, context);
    const { dispatch, called, clock } = stage({ targets: [at('a/x'), at('b/y')], play: faulty });
    let errors = 0;
    for (let count = 0; count < requests; count++) {
      clock.ms += 20;
      try {
        await read(dispatch(chatCall(), callContext()));
      } catch {
        errors++;
      }
    }
    expect(errors).toBe(0);
    expect(called.length / requests).toBeLessThanOrEqual(1.5);
    expect(called.filter((id) => id.startsWith('a/')).length).toBeGreaterThan(requests / 10);
  }
});

test('while a target is down the circuit spares it: no errors, and hardly more than one try a request', async () => {
  const requests = 10_000;
  const { dispatch, called, clock } = stage({
    targets: [at('a/x'), at('b/y')],
    play: (target, attempt, context) => {
      const down = target.deployment.provider === 'a' && clock.ms % 100_000 < 30_000;
      return (down ? fail('upstream_unreachable') : answer('ok'))(target, attempt, context);
    },
  });
  let errors = 0;
  for (let count = 0; count < requests; count++) {
    clock.ms += 20;
    await read(dispatch(chatCall(), callContext())).catch(() => errors++);
  }
  expect(errors).toBe(0);
  expect(called.length / requests).toBeLessThan(1.01);
  expect(called.filter((id) => id.startsWith('a/')).length).toBeGreaterThan(requests / 2);
});
