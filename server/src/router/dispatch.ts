import type { CallContext, ModelCall } from '../core/call.ts';
import type { CallAbort } from '../core/call-abort.ts';
import type { Frames } from '../core/frame.ts';
import { SluiceError, toSluiceError } from '../core/sluice-error.ts';
import type { RoutePlan, Target } from '../core/target.ts';
import type { Health, RestCode } from './health.ts';
import type { Router } from './router.ts';

export interface DispatchDeps {
  router: Router;
  health: Health;
  /** One attempt: its frames, or a promise of them. */
  callTarget(target: Target, call: ModelCall, context: CallContext): Frames | Promise<Frames>;
  /** 3 at most. */
  maxAttempts(): number;
  /** Waits, or rejects when the call is given up. */
  sleep(ms: number, abort: CallAbort): Promise<void>;
  onAttempt?(target: Target, outcome: string): void;
  nowMs?: () => number;
  random?: () => number;
}

/** What a fault allows: try the same target again, only others, or nothing. */
type Remedy = 'retry' | 'elsewhere' | 'other-model' | 'none';

/** A wait that the provider asked for is worth it up to here; beyond, the caller is told. */
const maxWaitMs = 2000;

const remedies: Partial<Record<SluiceError['code'], Remedy>> = {
  upstream_unreachable: 'retry',
  upstream_overloaded: 'retry',
  upstream_invalid_answer: 'retry',
  upstream_rate_limited: 'retry',
  upstream_timeout: 'elsewhere',
  upstream_credential: 'elsewhere',
  quota_exhausted: 'elsewhere',
  context_window_exceeded: 'other-model',
  loss_forbidden: 'other-model',
};

/**
 * The innermost step of the pipeline: tries targets in order until one gives a first frame, then passes its frames on.
 * Nothing is retried after that. Throws the last target's error when none is left.
 */
export function createDispatch(deps: DispatchDeps) {
  const {
    router,
    health,
    callTarget,
    maxAttempts,
    sleep,
    onAttempt,
    nowMs = () => performance.now(),
    random = Math.random,
  } = deps;

  return async function* dispatch(call: ModelCall, context: CallContext): Frames {
    const plan = router.plan(call);
    const { facts } = context;
    facts.route = plan.reason;
    if (plan.baseline) facts.baseline = plan.baseline;
    const untried = [...plan.targets];
    const best = takeAvailable(untried, health);
    if (!best) throw allResting(plan, health);
    let target: Target = best;
    for (let attempt = 1; ; attempt++) {
      health.begin(target);
      const { deployment } = target;
      const startedMs = nowMs();
      const note = (outcome: string, status?: number) => {
        facts.attempts.push({
          model: deployment.id,
          provider: deployment.provider,
          credential: target.credential,
          outcome,
          ms: Math.round(nowMs() - startedMs),
          ...(status !== undefined && { status }),
        });
        onAttempt?.(target, outcome);
      };
      let frames: Frames | undefined;
      let failure: SluiceError;
      try {
        frames = await callTarget(target, call, context);
        const first = await frames.next();
        facts.model = deployment.id;
        facts.provider = deployment.provider;
        facts.upstreamMs = (facts.upstreamMs ?? 0) + nowMs() - startedMs;
        facts.firstFrameMs = nowMs() - context.startedMs;
        if (attempt > 1)
          facts.route = `${plan.reason}; after ${facts.attempts.map(({ model, outcome }) => `${model}: ${outcome}`).join(', ')}`;
        note('ok');
        health.answered(target);
        facts.modelInfo = deployment.info;
        if (!first.done) {
          yield first.value;
          yield* frames;
        }
        health.succeed(target);
        return;
      } catch (thrown) {
        failure = toSluiceError(thrown);
        if (facts.model !== undefined) {
          // A frame has left: no second try.
          if (!context.abort.aborted && failure.code !== 'client_closed') health.fail(target, failure);
          throw failure;
        }
      } finally {
        if (facts.model !== undefined) {
          health.abandon(target);
          await frames?.return();
        }
      }
      facts.upstreamMs = (facts.upstreamMs ?? 0) + nowMs() - startedMs;
      note(failure.code, failure.facts.upstream?.status);
      // What this target said of its answer is not the answer's: nothing of it was shown, and nothing is charged.
      facts.usage = undefined;
      facts.finish = undefined;
      facts.error = undefined;
      // The caller left, or the call's own time is over: not the target's fault, and no other could do better.
      const over = context.abort.aborted || failure.code === 'client_closed';
      if (over) health.abandon(target);
      else health.fail(target, failure);
      const next: Target | undefined =
        !over && attempt < maxAttempts()
          ? await nextTarget(target, failure, untried, context.abort, attempt)
          : undefined;
      if (!next) throw failure;
      target = next;
    }
  };

  async function nextTarget(
    failed: Target,
    failure: SluiceError,
    untried: Target[],
    abort: CallAbort,
    attempt: number,
  ): Promise<Target | undefined> {
    const remedy = remedies[failure.code] ?? 'none';
    if (remedy === 'none') return undefined;
    const elsewhere =
      remedy === 'other-model'
        ? untried.filter(({ deployment }) => deployment.info.id !== failed.deployment.info.id)
        : untried;
    const other = takeAvailable(elsewhere, health);
    if (other) {
      if (elsewhere !== untried) untried.splice(untried.indexOf(other), 1);
      return other;
    }
    if (remedy !== 'retry') return undefined;
    // Only this target is left: a short wait, as long as the provider asks for when that is short.
    const backoffMs = 100 * 2 ** attempt * (0.5 + random());
    const waitMs = Math.max(failure.facts.retryAfterMs ?? 0, backoffMs);
    if (waitMs > maxWaitMs || (failure.code === 'upstream_rate_limited' && failure.facts.retryAfterMs === undefined))
      return undefined;
    // Timers may fire up to a millisecond early, and then the target would still be resting.
    await sleep(Math.ceil(waitMs) + 1, abort);
    return health.availability(failed).open ? failed : undefined;
  }
}

export type Dispatch = ReturnType<typeof createDispatch>;

function takeAvailable(targets: Target[], health: Health): Target | undefined {
  for (const [index, target] of targets.entries()) {
    if (!health.availability(target).open) continue;
    if (index === 0) return targets.shift();
    return targets.splice(index, 1)[0];
  }
  return undefined;
}

const restWords: Record<RestCode, string> = {
  upstream_rate_limited: 'The provider is limiting requests for',
  no_target: 'Set aside for a moment after repeated failures:',
  quota_exhausted: "The gateway's account at the provider is out of quota or credit for",
  upstream_credential: "The provider refuses the gateway's credential for",
};

/** Every target rests: the error of the one that a wait helps most, limits before failures before refused credentials. */
function allResting({ targets }: RoutePlan, health: Health): SluiceError {
  const waits = new Map<RestCode, number>();
  for (const target of targets) {
    const rest = health.availability(target);
    if (!rest.open)
      waits.set(rest.because, Math.min(waits.get(rest.because) ?? Number.POSITIVE_INFINITY, rest.retryAfterMs));
  }
  const code = (Object.keys(restWords) as RestCode[]).find((each) => waits.has(each)) ?? 'no_target';
  const names = [...new Set(targets.map(({ deployment }) => deployment.id))].join(', ');
  return new SluiceError(code, `${restWords[code]} ${names}.`, { retryAfterMs: waits.get(code) });
}
