import type { CallContext, ModelCall } from '../core/call.ts';
import type { CallAbort } from '../core/call-abort.ts';
import { endAttempt } from '../core/call-trace.ts';
import type { Frames } from '../core/frame.ts';
import type { OwnCredentials } from '../core/own-credentials.ts';
import type { Principal } from '../core/principal.ts';
import { SluiceError, toSluiceError } from '../core/sluice-error.ts';
import type { RoutePlan, Target } from '../core/target.ts';
import type { Health, RestCode } from './health.ts';
import type { Router } from './router.ts';
import { createTurns, type Turn, type Turns, type Wait } from './turns.ts';

export interface DispatchDeps {
  router: Router;
  health: Health;
  /** The keys of providers that a caller brought; without waiting when they are known. */
  ownCredentials?(principal: Principal): OwnCredentials | Promise<OwnCredentials>;
  /** Lets calls wait their turn; without it nobody waits. */
  turns?: Turns;
  /** One attempt: its frames, or a promise of them. */
  callTarget(target: Target, call: ModelCall, context: CallContext): Frames | Promise<Frames>;
  /** 3 at most. */
  maxAttempts(): number;
  /** Waits, or rejects when the call is given up. */
  sleep(ms: number, abort: CallAbort): Promise<void>;
  onAttempt?(target: Target, outcome: string): void;
  /** Told how long a target took to its first frame. */
  onFirstFrame?(target: Target, call: ModelCall, ms: number): void;
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
    turns = createTurns({ placeOf: () => undefined, health }),
    callTarget,
    maxAttempts,
    sleep,
    onAttempt,
    onFirstFrame,
    ownCredentials,
    nowMs = () => performance.now(),
    random = Math.random,
  } = deps;

  return async function* dispatch(call: ModelCall, context: CallContext): Frames {
    const { facts, trace } = context;
    const looking = trace?.sampled ? trace.route() : undefined;
    const own = ownCredentials?.(context.principal);
    context.ownCredentials = own instanceof Promise ? await own : own;
    const plan = withinAllowed(router.plan(call, context.ownCredentials), context.allowed);
    facts.route = plan.reason;
    facts.decision = plan.decision;
    if (plan.baseline) facts.baseline = plan.baseline;
    if (looking) Object.assign(looking, { reason: plan.reason, candidates: plan.targets.length });
    const untried = [...plan.targets];
    const first = takeTurn(untried, context) ?? (await waitTurn(untried, context));
    if (!first) throw allResting(plan, health);
    let turn: Turn = first;
    for (let attempt = 1; ; attempt++) {
      if (context.admitTarget) turn = await admittedTurn(turn, untried, context);
      const { target } = turn;
      if (looking) looking.endMs ??= nowMs();
      const trying = trace?.sampled ? trace.attempt(target) : undefined;
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
          ...(trying && { traceId: trace?.traceId }),
        });
        if (trying) trying.status = status;
        onAttempt?.(target, outcome);
      };
      let frames: Frames | undefined;
      let failure: SluiceError;
      try {
        frames = await callTarget(target, call, context);
        const first = await frames.next();
        facts.model = deployment.id;
        facts.provider = deployment.provider;
        const tookMs = nowMs() - startedMs;
        onFirstFrame?.(target, call, tookMs);
        facts.upstreamMs = (facts.upstreamMs ?? 0) + tookMs;
        facts.firstFrameMs = nowMs() - context.startedMs;
        if (trying) trying.firstFrameMs = tookMs;
        const waited = facts.waitedMs === undefined ? '' : `; waited ${Math.round(facts.waitedMs)} ms for its turn`;
        facts.route = plan.reason + waited;
        if (attempt > 1)
          facts.route = `${plan.reason}${waited}; after ${facts.attempts.map(({ model, outcome }) => `${model}: ${outcome}`).join(', ')}`;
        note('ok');
        health.answered(target);
        turn.answered();
        facts.modelInfo = deployment.info;
        if (!first.done) {
          yield first.value;
          yield* frames;
        }
        health.succeed(target);
        return;
      } catch (thrown) {
        failure = toSluiceError(thrown);
        if (trying) trying.error = failure.code;
        if (facts.model !== undefined) {
          // A frame has left: no second try.
          if (!context.abort.aborted && failure.code !== 'client_closed') health.fail(target, failure);
          throw failure;
        }
      } finally {
        if (facts.model !== undefined) {
          health.abandon(target);
          turn.end();
          await frames?.return();
        }
        if (trying) endAttempt(trying, facts);
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
      turn.end(failure.code === 'upstream_rate_limited' ? 'limited' : undefined);
      const next: Turn | undefined =
        !over && attempt < maxAttempts() ? await nextTurn(turn, failure, untried, context, attempt) : undefined;
      if (!next) throw failure;
      turn = next;
    }
  };

  /** This turn, or the next that the limits of models allow. Throws what refused the last one. */
  async function admittedTurn(first: Turn, untried: Target[], context: CallContext): Promise<Turn> {
    for (let turn = first; ; ) {
      const refused = await context.admitTarget?.(turn.target.deployment);
      if (!refused) return turn;
      turn.end();
      const other = takeTurn(untried, context);
      if (!other) throw refused;
      turn = other;
    }
  }

  /** The first target that may be called now, which is then no longer among the untried. */
  function takeTurn(targets: Target[], { principal }: CallContext): Turn | undefined {
    for (const [index, target] of targets.entries()) {
      const turn = health.availability(target).open ? turns.take(target, principal.keyId) : undefined;
      if (!turn) continue;
      if (index === 0) targets.shift();
      else targets.splice(index, 1);
      return turn;
    }
    return undefined;
  }

  /** A turn at one of the targets once there is one, when one of them has a line to wait in. */
  async function waitTurn(targets: Target[], context: CallContext, before?: Wait): Promise<Turn | undefined> {
    const waiting = turns.wait(targets, context.principal.keyId, context.abort, before);
    if (!waiting) return undefined;
    const { facts } = context;
    const startedMs = nowMs();
    try {
      const turn = await waiting;
      const index = targets.indexOf(turn.target);
      if (index !== -1) targets.splice(index, 1);
      return turn;
    } finally {
      // Time that the provider's limits cost, not we.
      const waitedMs = nowMs() - startedMs;
      facts.upstreamMs = (facts.upstreamMs ?? 0) + waitedMs;
      facts.waitedMs = (facts.waitedMs ?? 0) + waitedMs;
    }
  }

  async function nextTurn(
    { target: failed, wait }: Turn,
    failure: SluiceError,
    untried: Target[],
    context: CallContext,
    attempt: number,
  ): Promise<Turn | undefined> {
    const remedy = remedies[failure.code] ?? 'none';
    if (remedy === 'none') return undefined;
    const elsewhere =
      remedy === 'other-model'
        ? untried.filter(({ deployment }) => deployment.info.id !== failed.deployment.info.id)
        : untried;
    const line = failure.code === 'upstream_rate_limited' ? [failed, ...elsewhere] : [...elsewhere];
    const other = takeTurn(elsewhere, context) ?? (await waitTurn(line, context, wait));
    if (other) {
      const index = untried.indexOf(other.target);
      if (index !== -1) untried.splice(index, 1);
      return other;
    }
    if (remedy !== 'retry') return undefined;
    // Only this target is left: a short wait, as long as the provider asks for when that is short.
    const backoffMs = 100 * 2 ** attempt * (0.5 + random());
    const waitMs = Math.max(failure.facts.retryAfterMs ?? 0, backoffMs);
    if (waitMs > maxWaitMs || (failure.code === 'upstream_rate_limited' && failure.facts.retryAfterMs === undefined))
      return undefined;
    // Timers may fire up to a millisecond early, and then the target would still be resting.
    await sleep(Math.ceil(waitMs) + 1, context.abort);
    return health.availability(failed).open
      ? (turns.take(failed, context.principal.keyId) ?? waitTurn([failed], context))
      : undefined;
  }
}

export type Dispatch = ReturnType<typeof createDispatch>;

/** The plan without the places that a policy has ruled out. */
const withinAllowed = (plan: RoutePlan, allowed: ReadonlySet<string> | undefined): RoutePlan =>
  allowed ? { ...plan, targets: plan.targets.filter(({ deployment }) => allowed.has(deployment.id)) } : plan;

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
