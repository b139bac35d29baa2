import type { ReadFrame } from '../core/answer-text.ts';
import type { CallContext, ModelCall } from '../core/call.ts';
import type { ChatRequest } from '../core/chat-request.ts';
import type { Frame, Frames } from '../core/frame.ts';
import type { GuardRule } from '../guard/compile.ts';
import { guardFrames } from '../guard/guard-frames.ts';
import { type InputFinding, inspectInput } from '../guard/inspect-input.ts';
import { createNotes } from '../guard/notes.ts';
import { visitTexts } from '../guard/visit-texts.ts';
import { type AskModeration, becauseOf, moderateText } from './guard/moderate-texts.ts';
import { applying, type RuleSet } from './guard/rule-set.ts';
import { blocked, tell } from './guard/verdict.ts';
import type { Next, Policy } from './pipeline.ts';

export interface GuardDeps {
  /** The rules in force for the caller; a promise only when they were never read. */
  rulesFor(context: CallContext): RuleSet | Promise<RuleSet>;
  /** The group that a model's name leads to. */
  groupOf(model: string): string | undefined;
  /** How the frames of this call are read. */
  readerOf(call: ModelCall): ReadFrame;
  moderate: AskModeration;
  /** Edits an answer as the output rules say; for answers that no output rule has seen (a cache's). */
  guardAnswer(frames: Frames, call: ModelCall, context: CallContext, rules: readonly GuardRule[]): Frames;
  /** Whether the output rules have been at work on this call's answer. */
  isGuarded(context: CallContext): boolean;
}

/**
 * Applies the input rules: refuses a call, takes things out of it, masks them and puts them back into the answer, sends it
 * elsewhere, or makes a note. What is changed is built anew for the provider; what is not passes byte for byte.
 */
export const guardInput = (deps: GuardDeps): Policy => {
  const { rulesFor, groupOf, readerOf, moderate } = deps;

  function guard(rules: RuleSet, call: ModelCall, context: CallContext, next: Next): Frames {
    const input = applying(rules.input, context, call, groupOf);
    const output = call.operation === 'chat' ? applying(rules.output, context, call, groupOf) : [];
    if (input.length === 0) return output.length === 0 ? next(call, context) : onlyCached(call, context, output, next);
    const finding = inspectInput(call, input);
    tell(context, finding.notes);
    if (finding.block) throw blocked(finding.block.rule.name, 'this request', finding.block.because);
    const asking = input.filter(({ check }) => check.kind === 'moderation');
    if (asking.length > 0) return askFirst(asking, finding, context, output, next);
    return goOn(finding, context, output, next);
  }

  function goOn(finding: InputFinding, context: CallContext, output: readonly GuardRule[], next: Next): Frames {
    const call = routed(finding.call, finding.route);
    const frames = output.length === 0 ? next(call, context) : onlyCached(call, context, output, next);
    return finding.masks && call.operation === 'chat'
      ? guardFrames(frames, readerOf(call), finding.masks.restore)
      : frames;
  }

  async function* askFirst(
    asking: readonly GuardRule[],
    finding: InputFinding,
    context: CallContext,
    output: readonly GuardRule[],
    next: Next,
  ): Frames {
    // The endpoint sees what the provider would see: without what was taken out.
    const said = await Promise.all(
      asking.map(async (rule) => ({
        rule,
        categories: await moderateText(moderate, rule, 'input', textOf(finding.call, rule), context),
      })),
    );
    const notes = createNotes('input');
    for (const { rule, categories } of said)
      for (const category of categories ?? []) notes.add(rule, category.slice(0, 60));
    tell(context, notes.all());
    for (const { rule, categories } of said) {
      if (!categories) continue;
      if (rule.action === 'block') throw blocked(rule.name, 'this request', becauseOf(categories));
      if (rule.action === 'route') finding.route ??= rule;
    }
    yield* goOn(finding, context, output, next);
  }

  /** An answer that comes from a cache was made under whatever rules held then. */
  async function* onlyCached(call: ModelCall, context: CallContext, output: readonly GuardRule[], next: Next): Frames {
    const frames = next(call, context);
    const first = await frames.next();
    if (first.done) return;
    const rest = startingWith(first.value, frames);
    yield* deps.isGuarded(context) ? rest : deps.guardAnswer(rest, call, context, output);
  }

  async function* guardLater(waiting: Promise<RuleSet>, call: ModelCall, context: CallContext, next: Next): Frames {
    yield* guard(await waiting, call, context, next);
  }

  return function guardInput(call, context, next) {
    const rules = rulesFor(context);
    if (rules instanceof Promise) return guardLater(rules, call, context, next);
    if (rules.input.length === 0 && rules.output.length === 0) return next(call, context);
    return guard(rules, call, context, next);
  };
};

async function* startingWith(first: Frame, frames: Frames): Frames {
  try {
    yield first;
    yield* frames;
  } finally {
    await frames.return();
  }
}

function routed(call: ModelCall, rule: GuardRule | undefined): ModelCall {
  if (!rule?.route) return call;
  return { ...call, constraints: { ...rule.route, because: `the guardrail ${JSON.stringify(rule.name)}` } };
}

const longestModerated = 100_000;

/** What is said in the call by those whom the rule is about; of a long conversation its end. */
function textOf(call: ModelCall, { roles }: GuardRule): string {
  if (call.operation === 'embeddings')
    return call.request.inputs
      .filter((input) => typeof input === 'string')
      .join('\n')
      .slice(-longestModerated);
  const texts: string[] = [];
  visitTexts(call.request as ChatRequest, (text, role) => {
    if (!roles || roles.includes(role)) texts.push(text);
  });
  return texts.join('\n').slice(-longestModerated);
}
