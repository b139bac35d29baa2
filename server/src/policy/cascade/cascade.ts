import { type CallContext, type ChatCall, createAnswerFacts, type ModelCall } from '../../core/call.ts';
import { type ChatAnswer, collectAnswer } from '../../core/chat-answer.ts';
import { discardAnswer } from '../../core/discarded.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import { type SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import type { Next, Policy } from '../pipeline.ts';
import { faultOfAnswer } from './check-answer.ts';
import { approves, verifyingCall } from './verify.ts';

/** How a call climbs: models from the cheapest on, until one gives an answer that nothing speaks against. */
export interface CascadeSteps {
  /** For each model the deployments (`provider/model`) that may answer. */
  steps: readonly (readonly string[])[];
  /** The least mean log probability of an answer's tokens, where the provider tells them. */
  minLogprob: number;
  /** A model that is asked whether an answer is right. */
  verifier?: string;
}

export interface CascadeDeps {
  /** Undefined for a call that does not climb. */
  stepsOf(call: ModelCall): CascadeSteps | undefined;
}

/**
 * Asks the first model, looks at its whole answer, and asks the next when the answer has a fault. Only the last answer is given, all
 * are charged. A stream waits until its answer was looked at; the last model's flows. A model that fails is passed over.
 */
export const cascade = ({ stepsOf }: CascadeDeps): Policy =>
  function cascade(call, context, next) {
    if (call.operation !== 'chat') return next(call, context);
    const climbing = stepsOf(call);
    return climbing ? climb(call, context, next, climbing) : next(call, context);
  };

async function* climb(call: ChatCall, context: CallContext, next: Next, climbing: CascadeSteps): Frames {
  const { facts } = context;
  const within = context.allowed;
  const steps = climbing.steps
    .map((deployments) => (within ? deployments.filter((id) => within.has(id)) : deployments))
    .filter((deployments) => deployments.length > 0);
  const climbed: string[] = [];
  for (const [at, deployments] of steps.entries()) {
    const last = at === steps.length - 1;
    const step: CallContext = { ...context, allowed: new Set(deployments), facts };
    const name = deployments[0]!;
    if (last) {
      yield* explained(next(call, step));
      return;
    }
    const frames: Frame[] = [];
    try {
      for await (const frame of next(call, step)) frames.push(frame);
      if (facts.error) throw facts.error;
    } catch (thrown) {
      const error = toSluiceError(thrown);
      // The request itself is at fault, or nobody waits any more: another model could do no better.
      if (context.abort.aborted || !helpsElsewhere(error)) throw error;
      discardAnswer(facts);
      facts.error = undefined;
      climbed.push(`${name}: ${error.code}`);
      continue;
    }
    const fault = await faultOf(frames);
    if (fault === undefined) {
      yield* explained(frames);
      return;
    }
    discardAnswer(facts);
    climbed.push(`${name}: ${fault}`);
  }
  // No step is left to a policy that rules places out: the router says why.
  yield* next(call, context);

  async function* explained(frames: Frames | Iterable<Frame>): Frames {
    const before = climbed.length === 0 ? '' : `; climbed past ${climbed.join(', ')}`;
    let told = false;
    for await (const frame of frames) {
      if (!told) {
        facts.route = `${facts.route ?? ''}${before}`;
        told = true;
      }
      yield frame;
    }
  }

  async function faultOf(frames: readonly Frame[]): Promise<string | undefined> {
    let answer: ChatAnswer;
    try {
      answer = collectAnswer(frames.flatMap((frame) => frame.events()));
    } catch {
      return 'unreadable';
    }
    const fault = faultOfAnswer(answer, call.request, climbing);
    if (fault !== undefined || climbing.verifier === undefined) return fault;
    return verify(climbing.verifier, answer);
  }

  /** What the verifier says; an answer is not held back because nobody could be asked. */
  async function verify(verifier: string, answer: ChatAnswer): Promise<string | undefined> {
    const asking = verifyingCall(call, verifier, answer);
    if (!asking) return undefined;
    const own = createAnswerFacts();
    let verdict = true;
    try {
      const frames: Frame[] = [];
      for await (const frame of next(asking, { ...context, allowed: undefined, facts: own })) frames.push(frame);
      verdict = approves(collectAnswer(frames.flatMap((frame) => frame.events())));
    } catch (thrown) {
      if (context.abort.aborted) throw thrown;
    }
    facts.attempts.push(...own.attempts);
    facts.discarded.push({ model: own.model, modelInfo: own.modelInfo, usage: own.usage });
    return verdict ? undefined : 'not approved';
  }
}

const elsewhere: ReadonlySet<SluiceError['code']> = new Set([
  'no_target',
  'quota_exhausted',
  'context_window_exceeded',
  'loss_forbidden',
  'content_blocked',
  'upstream_unreachable',
  'upstream_credential',
  'upstream_invalid_answer',
  'upstream_overloaded',
  'upstream_timeout',
  'upstream_rate_limited',
]);
const helpsElsewhere = ({ code }: SluiceError): boolean => elsewhere.has(code);
