import type { ModelCall } from '../core/call.ts';
import { likelyInputTokens } from '../core/count-tokens.ts';
import type { GuardNote } from '../core/guard-note.ts';
import type { GuardRule } from './compile.ts';
import { type Judgement, judgeInjection, judgeLanguage, judgeSize, type Measures } from './judge.ts';
import { createMaskBook, type MaskBook } from './masks.ts';
import { createNotes, describeFound } from './notes.ts';
import { rewriteRequest } from './request-texts.ts';
import type { GuardRole } from './rule.ts';
import { scanText } from './scan.ts';

/** What the rules make of a call's input. */
export interface InputFinding {
  /** The call as it goes on; the same object when nothing was changed. */
  call: ModelCall;
  notes: GuardNote[];
  /** The first rule in order that refuses the call, and why, in words without the found text. */
  block?: { rule: GuardRule; because: string };
  /** The first rule in order that sends the call elsewhere. */
  route?: GuardRule;
  /** Set when something was masked. */
  masks?: MaskBook;
}

/** The texts that a rule looks at, by role. */
type Texts = { text: string; role: GuardRole }[];

const injectionRoles: readonly GuardRole[] = ['user', 'tool'];

/** Applies the rules to the input of a call, each text looked at once. Moderation is not asked here. */
export function inspectInput(call: ModelCall, rules: readonly GuardRule[]): InputFinding {
  const notes = createNotes('input');
  const hits = new Map<GuardRule, Record<string, number>>();
  const texts: Texts = [];
  const written = () => (call.raw ? call.raw.text : JSON.stringify(call.request));
  const masks = createMaskBook(written);
  const byRole = new Map<GuardRole, GuardRule[]>();
  const placing = rules.filter(({ detectors }) => detectors.length > 0);

  function rulesFor(role: GuardRole): GuardRule[] {
    let found = byRole.get(role);
    if (!found) {
      found = placing.filter(({ roles }) => !roles || roles.includes(role));
      byRole.set(role, found);
    }
    return found;
  }

  function rewrite(text: string, role: GuardRole): { text: string; isSame: boolean } {
    texts.push({ text, role });
    let changed = '';
    let at = 0;
    let isSame = true;
    for (const { rule, start, end, label } of scanText(text, rulesFor(role))) {
      const counts = hits.get(rule) ?? {};
      hits.set(rule, counts);
      counts[label] = (counts[label] ?? 0) + 1;
      if ((rule.action !== 'redact' && rule.action !== 'mask') || start < at) continue;
      const value = text.slice(start, end);
      if (rule.action === 'redact' || !masks.knows(label, value)) isSame = false;
      changed += text.slice(at, start) + (rule.action === 'mask' ? masks.maskOf(label, value) : `[${label}]`);
      at = end;
    }
    return { text: at === 0 ? text : changed + text.slice(at), isSame };
  }

  const rewritten = rewriteCall(call, rewrite);
  const finding: InputFinding = { call: rewritten, notes: [] };
  for (const rule of rules) {
    const counts = rule.detectors.length > 0 ? hits.get(rule) : undefined;
    const judgement = rule.detectors.length > 0 ? undefined : judge(rule, texts, call);
    if (!counts && !judgement) continue;
    if (judgement) notes.add(rule, judgement.label, judgement.figure);
    for (const [label, count] of Object.entries(counts ?? {})) notes.add(rule, label, count);
    if (rule.action === 'block')
      finding.block ??= { rule, because: judgement?.because ?? `it holds ${describeFound(counts!)}` };
    if (rule.action === 'route') finding.route ??= rule;
  }
  finding.notes = notes.all();
  if (masks.size > 0) finding.masks = masks;
  return finding;
}

type Rewrite = (text: string, role: GuardRole) => { text: string; isSame: boolean };

/** What was changed goes out built anew: the caller's own body still holds what was taken out. */
function rewriteCall(call: ModelCall, rewrite: Rewrite): ModelCall {
  if (call.operation === 'embeddings') {
    const asUser = (text: string) => rewrite(text, 'user').text;
    const inputs = call.request.inputs.map((input) => (typeof input === 'string' ? asUser(input) : input));
    const title = call.request.title === undefined ? undefined : asUser(call.request.title);
    if (title === call.request.title && inputs.every((input, index) => input === call.request.inputs[index]))
      return call;
    return { ...call, raw: undefined, request: { ...call.request, inputs, ...(title !== undefined && { title }) } };
  }
  const request = rewriteRequest(call.request, {
    text: (text, role) => rewrite(text, role).text,
    reasoning: (text) => rewrite(text, 'assistant'),
  });
  return request === call.request ? call : { ...call, raw: undefined, request };
}

function judge(rule: GuardRule, texts: Texts, call: ModelCall): Judgement | undefined {
  const { check, roles } = rule;
  const of = (wanted: readonly GuardRole[]) =>
    texts.filter(({ role }) => wanted.includes(role)).map(({ text }) => text);
  switch (check.kind) {
    case 'injection':
      return judgeInjection(check.threshold, of(roles ?? injectionRoles));
    case 'size':
      return judgeSize(check, measuresOf(texts, call));
    case 'language':
      // What was asked last decides: an answer is given in that language.
      return judgeLanguage(check, lastOf(of(roles ?? ['user'])));
    default:
      return undefined;
  }
}

const lastOf = (texts: string[]): string => {
  const last = texts.at(-1) ?? '';
  return last.length >= 40 ? last : texts.slice(-3).join('\n');
};

const measuresOf = (texts: Texts, call: ModelCall): Measures => ({
  characters: texts.reduce((sum, { text }) => sum + text.length, 0),
  tokens: () =>
    call.operation === 'embeddings'
      ? Math.ceil(
          call.request.inputs.reduce(
            (sum, input) => sum + (typeof input === 'string' ? input.length / 3.6 : input.length),
            0,
          ),
        )
      : likelyInputTokens(call.request),
  messages: call.operation === 'embeddings' ? call.request.inputs.length : call.request.messages.length,
});
