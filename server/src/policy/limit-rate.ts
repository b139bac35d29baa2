import type { CallContext, ModelCall } from '../core/call.ts';
import type { Frames } from '../core/frame.ts';
import type { LimitStanding } from '../core/rate-limit.ts';
import type { Deployment } from '../core/target.ts';
import { totalTokens } from '../core/usage.ts';
import { type Asked, type Limit, metersOf } from './limits/applying.ts';
import { expectedTokens } from './limits/expected-tokens.ts';
import type { Limiter, Meter, Reading } from './limits/limiter.ts';
import { longestWait, refusal } from './limits/refusal.ts';
import { createTargetAdmission } from './limits/target-admission.ts';
import type { Next, Policy } from './pipeline.ts';

export interface LimitRateDeps {
  limiter: Limiter;
  /** `rateLimits` of the configuration: they hold for everybody. */
  gatewayLimits(): readonly Limit[];
  /** What the caller's organisation has set. */
  organisationLimits(context: CallContext): readonly Limit[] | Promise<readonly Limit[]>;
  /** The names that a model goes by: as it was asked for, and what that leads to. */
  modelNames(model: string): readonly string[];
  /** The names that a place goes by. */
  targetNames(deployment: Deployment): readonly string[];
  onRefused?(meter: Meter): void;
}

/** Refuses with `rate_limited` what is more than the limits allow, and counts the rest by what it really took. */
export const limitRate = (deps: LimitRateDeps): Policy =>
  function limitRate(call, context, next) {
    const own = deps.organisationLimits(context);
    const file = deps.gatewayLimits();
    if (own instanceof Promise) return later(deps, own, call, context, next);
    // Nearly always: nothing is limited, and nothing is paid for it.
    if (own.length === 0 && file.length === 0) return next(call, context);
    return limited(deps, [file, own], call, context, next);
  };

async function* later(
  deps: LimitRateDeps,
  own: Promise<readonly Limit[]>,
  call: ModelCall,
  context: CallContext,
  next: Next,
): Frames {
  yield* limited(deps, [deps.gatewayLimits(), await own], call, context, next);
}

async function* limited(
  { limiter, modelNames, targetNames, onRefused = () => {} }: LimitRateDeps,
  sets: readonly (readonly Limit[])[],
  call: ModelCall,
  context: CallContext,
  next: Next,
): Frames {
  const asked: Asked = {
    context,
    modelNames: once(() => modelNames(call.model)),
    tokens: once(() => expectedTokens(call)),
  };
  const meters = metersOf(sets, asked);
  const targets = createTargetAdmission({ limiter, sets, asked, counted: meters, targetNames, onRefused });
  if (meters.length === 0 && !targets) {
    yield* next(call, context);
    return;
  }
  const admission = await limiter.admit(meters);
  const { facts } = context;
  const shown = tightestOf(admission.readings);
  facts.rate = { requests: shown.requests?.standing, tokens: shown.tokens?.standing };
  if (!admission.admitted) {
    const refused = longestWait(admission.readings);
    onRefused(refused.meter);
    throw refusal(refused);
  }
  context.admitTarget = targets?.admit;
  try {
    yield* next(call, context);
  } finally {
    const tokens = facts.usage ? Math.round(totalTokens(facts.usage)) : 0;
    admission.settle(tokens);
    targets?.settle(tokens, facts.model);
    const { meter, standing } = shown.tokens ?? {};
    // The headers of a JSON answer leave after this, and know better.
    if (meter && standing) standing.remaining = within(standing.remaining + meter.amount - tokens, meter.limit);
  }
}

type Shown = { meter: Meter; standing: LimitStanding };

/** The tightest limit of requests and of tokens, for the headers. */
function tightestOf(readings: readonly Reading[]): { requests?: Shown; tokens?: Shown } {
  const tightest: { requests?: Shown; tokens?: Shown } = {};
  for (const { meter, used, resetMs } of readings) {
    if (meter.kind === 'concurrent') continue;
    const standing = { limit: meter.limit, remaining: within(meter.limit - used, meter.limit), resetMs };
    const known = tightest[meter.kind]?.standing;
    if (!known || standing.remaining < known.remaining) tightest[meter.kind] = { meter, standing };
  }
  return tightest;
}

const within = (figure: number, most: number): number => Math.min(most, Math.max(0, figure));

/** Several limits ask for the same figure. */
function once<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
