import type { ReadFrame } from '../core/answer-text.ts';
import type { AnswerFacts, CallContext, ChatCall, ModelCall } from '../core/call.ts';
import type { Frames } from '../core/frame.ts';
import { createAnswerEditor } from '../guard/answer-editor.ts';
import type { GuardRule } from '../guard/compile.ts';
import { guardFrames } from '../guard/guard-frames.ts';
import { createNotes, describeFound } from '../guard/notes.ts';
import { checkAnswerSchema } from './guard/check-answer-schema.ts';
import { moderateAnswer } from './guard/moderate-answer.ts';
import type { AskModeration } from './guard/moderate-texts.ts';
import { applying, type RuleSet } from './guard/rule-set.ts';
import { blocked, tell } from './guard/verdict.ts';
import { watchAnswer } from './guard/watch-answer.ts';
import type { Next, Policy } from './pipeline.ts';

export interface GuardOutputDeps {
  rulesFor(context: CallContext): RuleSet | Promise<RuleSet>;
  groupOf(model: string): string | undefined;
  readerOf(call: ModelCall): ReadFrame;
  moderate: AskModeration;
}

/** The output side: the policy, and the same edits for answers that did not come through it. */
export function createOutputGuard({ rulesFor, groupOf, readerOf, moderate }: GuardOutputDeps) {
  const guarded = new WeakSet<AnswerFacts>();

  /** Everything but the schema, which may ask the model once more. */
  function guardAnswer(frames: Frames, call: ModelCall, context: CallContext, rules: readonly GuardRule[]): Frames {
    const read = readerOf(call);
    const placing = rules.filter(({ detectors }) => detectors.length > 0);
    const watching = rules.filter(({ check: { kind } }) => kind === 'size' || kind === 'language');
    const asking = rules.filter(({ check: { kind } }) => kind === 'moderation');
    let answer = frames;
    if (placing.length > 0) answer = editAnswer(answer, read, context, placing);
    if (watching.length > 0) answer = watchAnswer(answer, read, context, watching);
    for (const rule of asking) answer = moderateAnswer(answer, { read, context, rule, moderate });
    return answer;
  }

  function guard(rules: RuleSet, call: ModelCall, context: CallContext, next: Next): Frames {
    if (call.operation !== 'chat') return next(call, context);
    const output = applying(rules.output, context, call, groupOf);
    if (output.length === 0) return next(call, context);
    guarded.add(context.facts);
    let run = next;
    for (const rule of output) if (rule.check.kind === 'schema') run = checkAnswerSchema({ rule, next: run, readerOf });
    return guardAnswer(run(call as ChatCall, context), call, context, output);
  }

  async function* guardLater(waiting: Promise<RuleSet>, call: ModelCall, context: CallContext, next: Next): Frames {
    yield* guard(await waiting, call, context, next);
  }

  const policy: Policy = function guardOutput(call, context, next) {
    const rules = rulesFor(context);
    if (rules instanceof Promise) return guardLater(rules, call, context, next);
    return rules.output.length === 0 ? next(call, context) : guard(rules, call, context, next);
  };

  return { policy, guardAnswer, isGuarded: ({ facts }: CallContext): boolean => guarded.has(facts) };
}

/** Finds and takes out places of an answer while it passes; what was found is told at its end. */
async function* editAnswer(frames: Frames, read: ReadFrame, context: CallContext, rules: readonly GuardRule[]): Frames {
  const notes = createNotes('output');
  const editor = createAnswerEditor(rules, (rule, label) => {
    notes.add(rule, label);
    // What these rules made of it is for this caller: others may have other rules.
    context.facts.noStore = true;
    if (rule.action === 'block')
      throw blocked(rule.name, "the model's answer", `it holds ${describeFound({ [label]: 1 })}`);
  });
  try {
    yield* guardFrames(frames, read, editor);
  } finally {
    tell(context, notes.all());
  }
}
