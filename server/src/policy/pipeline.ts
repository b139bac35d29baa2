import type { CallContext, ModelCall } from '../core/call.ts';
import type { Frames } from '../core/frame.ts';

/** What comes after a policy: the next one, and at last the model. */
export type Next = (call: ModelCall, context: CallContext) => Frames;

/** A generator around a generator: frames pass outward once, whatever the operation, streamed or not. */
export type Policy = (call: ModelCall, context: CallContext, next: Next) => Frames;

/** One function of an ordered list of policies, outermost first, around the call itself. */
export function composePipeline(policies: readonly Policy[], innermost: Next): Next {
  return policies.reduceRight<Next>(
    (next, policy) => (call, context) =>
      context.trace?.sampled ? traced(policy, call, context, next) : policy(call, context, next),
    innermost,
  );
}

/** A policy's own time is until it hands on; one that never does is what ended the call. */
function traced(policy: Policy, call: ModelCall, context: CallContext, next: Next): Frames {
  const step = context.trace!.enter(policy.name);
  return policy(call, context, (onward, its) => {
    step.endMs ??= performance.now();
    return next(onward, its);
  });
}
