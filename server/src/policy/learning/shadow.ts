import type { ChatCall } from '../../core/call.ts';
import type { ChatAnswer } from '../../core/chat-answer.ts';
import type { Principal } from '../../core/principal.ts';
import type { RoutingDecision } from '../../core/routing-decision.ts';
import type { LearningStore, NewSample } from '../../store/learning-store.ts';
import type { BackgroundCall } from '../background-call.ts';
import { faultOfAnswer } from '../cascade/check-answer.ts';
import { gradeOf, gradingCall } from './judge.ts';
import type { Learning } from './learning-memory.ts';
import type { SampleWriter } from './sample-writer.ts';

export interface ShadowDeps {
  ask: BackgroundCall;
  store: Pick<LearningStore, 'label'>;
  writer: SampleWriter;
  onFault(error: unknown): void;
  random(): number;
}

/** An answer that was given, and what is needed to ask somebody else. */
export interface Answered {
  requestId: string;
  organisationId: string;
  call: ChatCall;
  answer: ChatAnswer;
  decision: RoutingDecision;
  /** The candidate that answered. */
  model: string;
}

/** Whose calls these are in the ledger. */
export const learnerKeyId = 'routing:learning';

const withinMs = 120_000;
// Second answers are asked for beside the traffic, not instead of it.
const mostAtOnce = 2;
const minLogprob = Number.NEGATIVE_INFINITY;

/**
 * Asks a second model what a caller was answered by another, and has both graded. Every candidate but the one that answered has the
 * same chance to be asked. Nothing is asked once the month's budget is spent; calls beyond two at a time are let go of.
 */
export function createShadow({ ask, store, writer, onFault, random }: ShadowDeps) {
  const running = new Set<Promise<void>>();

  async function look(answered: Answered, learning: Learning): Promise<void> {
    const { requestId, organisationId, call, decision, model } = answered;
    const others = decision.candidates.filter((candidate) => candidate.model !== model);
    const other = others[Math.floor(random() * others.length)];
    if (!other) return;
    const principal = learnerOf(organisationId);
    let costNanos = 0;
    const paid = ({ facts }: { facts: { costNanos?: number | null } }) => {
      costNanos += facts.costNanos ?? 0;
      learning.spentNanos += facts.costNanos ?? 0;
    };

    async function grade(answer: ChatAnswer): Promise<{ outcome: number; label: 'judge' | 'verifier' } | undefined> {
      if (faultOfAnswer(answer, call.request, { minLogprob }) !== undefined) return { outcome: 0, label: 'verifier' };
      const { judge } = learning.settings;
      const grading = judge === null ? undefined : gradingCall(call, judge, answer);
      if (!grading) return undefined;
      const graded = await ask(grading, principal, { tags: ['shadow', 'judge'], withinMs });
      paid(graded);
      const outcome = gradeOf(graded.answer);
      return outcome === undefined ? undefined : { outcome, label: 'judge' };
    }

    const second = await ask(asking(call, other.model), principal, { tags: ['shadow'], withinMs });
    paid(second);
    const ofOther = await grade(second.answer);
    const ofGiven = await grade(answered.answer);
    const sample: NewSample = {
      requestId,
      organisationId,
      model: other.model,
      at: new Date(),
      state: [...decision.state],
      predicted: other.expected,
      propensity: 1 / others.length,
      shadow: true,
      costNanos,
      ...ofOther,
    };
    writer.add(sample);
    await writer.flush();
    if (ofGiven) await store.label(organisationId, requestId, { ...ofGiven, model });
  }

  return {
    /** Whether there is room and money for one more. */
    mayAsk({ settings: { budgetNanos }, spentNanos }: Learning): boolean {
      return running.size < mostAtOnce && (budgetNanos === null || spentNanos < budgetNanos);
    },
    begin(answered: Answered, learning: Learning): void {
      const looking = look(answered, learning)
        .catch(onFault)
        .finally(() => running.delete(looking));
      running.add(looking);
    },
    /** Resolves when nothing runs. */
    async drain(): Promise<void> {
      await Promise.all(running);
    },
  };
}

export type Shadow = ReturnType<typeof createShadow>;

/** The same question to a named model, in one piece and outside of any conversation that is kept. */
function asking(call: ChatCall, model: string): ChatCall {
  const { constraints, request } = call;
  return {
    ...call,
    model,
    mode: undefined,
    heads: undefined,
    stream: false,
    raw: undefined,
    ...(constraints && { constraints: { ...constraints, group: undefined } }),
    request: { ...request, model, stream: false, n: 1, store: undefined },
  };
}

/** May call models and nothing else. */
const learnerOf = (organisationId: string): Principal => ({
  kind: 'key',
  keyId: learnerKeyId,
  keyName: 'routing',
  organisationId,
  role: 'member',
  permissions: new Set(['models:use']),
  operator: false,
});
