import type { Head } from '../../../../shared/src/routing/quality-model.ts';
import type { CallContext, ChatCall } from '../../core/call.ts';
import { collectAnswer } from '../../core/chat-answer.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import type { RoutingDecision } from '../../core/routing-decision.ts';
import type { LearningStore } from '../../store/learning-store.ts';
import type { Next, Policy } from '../pipeline.ts';
import type { LearnedHead } from './fit-heads.ts';
import type { Learning, LearningMemory } from './learning-memory.ts';
import { createRetries } from './retries.ts';
import type { SampleWriter } from './sample-writer.ts';
import { learnerKeyId, type Shadow } from './shadow.ts';

export interface LearnRoutingDeps {
  memory: Pick<LearningMemory, 'of'>;
  writer: SampleWriter;
  shadow: Shadow;
  store: Pick<LearningStore, 'label'>;
  onFault(error: unknown): void;
  random(): number;
}

/** Asking the same again is a sign, not a verdict. */
const outcomeOfRetry = 0.2;

/**
 * Lets what an organisation's traffic has taught take part in choosing, and keeps what can be learned from: the kind of question, who
 * answered, and what was expected. A share of calls is asked of a second model behind the answer. Off, it is a look into memory.
 */
export const learnRouting = ({ memory, writer, shadow, store, onFault, random }: LearnRoutingDeps): Policy => {
  const retries = createRetries();

  function apply(learning: Learning, call: ChatCall, context: CallContext, next: Next): Frames {
    const known = learning.heads.size > 0 ? { ...call, heads: headsOf(learning) } : call;
    return learning.settings.enabled ? watch(learning, known, context, next) : next(known, context);
  }

  async function* afterwards(reading: Promise<Learning>, call: ChatCall, context: CallContext, next: Next): Frames {
    yield* apply(await reading, call, context, next);
  }

  async function* watch(learning: Learning, call: ChatCall, context: CallContext, next: Next): Frames {
    const chosen = random() < learning.settings.shadowShare && shadow.mayAsk(learning);
    const frames: Frame[] = [];
    let whole = false;
    try {
      for await (const frame of next(call, context)) {
        if (chosen) frames.push(frame);
        yield frame;
      }
      whole = true;
    } finally {
      const { facts } = context;
      if (whole && !facts.error && facts.decision)
        keep(learning, facts.decision, call, context, chosen ? frames : undefined);
    }
  }

  function keep(
    learning: Learning,
    decision: RoutingDecision,
    call: ChatCall,
    { requestId, principal: { organisationId, keyId }, facts }: CallContext,
    frames: readonly Frame[] | undefined,
  ): void {
    const answered = decision.candidates.find(({ deployments }) => deployments.includes(facts.model ?? ''));
    if (!answered) return;
    writer.add({
      requestId,
      organisationId,
      model: answered.model,
      at: new Date(),
      state: [...decision.state],
      predicted: answered.expected,
      propensity: 1,
    });
    const before = retries.note(keyId, call.request, requestId);
    if (before !== undefined)
      void writer
        .flush()
        .then(() => store.label(organisationId, before, { outcome: outcomeOfRetry, label: 'retry' }))
        .catch(onFault);
    if (!frames) return;
    try {
      const answer = collectAnswer(frames.flatMap((frame) => frame.events()));
      shadow.begin({ requestId, organisationId, call, answer, decision, model: answered.model }, learning);
    } catch (error) {
      onFault(error);
    }
  }

  return function learnRouting(call, context, next) {
    if (call.operation !== 'chat' || context.principal.keyId === learnerKeyId) return next(call, context);
    const learning = memory.of(context.principal.organisationId);
    return learning instanceof Promise
      ? afterwards(learning, call, context, next)
      : apply(learning, call, context, next);
  };
};

const plain = new WeakMap<ReadonlyMap<string, LearnedHead>, ReadonlyMap<string, Head>>();

function headsOf({ heads }: Learning): ReadonlyMap<string, Head> {
  let known = plain.get(heads);
  if (!known) {
    known = new Map([...heads].map(([model, { head }]) => [model, head]));
    plain.set(heads, known);
  }
  return known;
}
