import type { GuardRule } from './compile.ts';
import { judgeInjection, judgeLanguage, judgeSize } from './judge.ts';
import { createMaskBook } from './masks.ts';
import { scanText } from './scan.ts';

/** What one rule would find in a text. */
export interface Trial {
  rule: string;
  action: GuardRule['action'];
  found: boolean;
  /** Where, for rules that find places: UTF-16 offsets. */
  places: { label: string; start: number; end: number }[];
  /** Why, for rules that judge the whole. */
  because?: string;
  /** Why it was not looked at. */
  skipped?: string;
}

/** Tries rules on one text, as if somebody had written it, in order, without calling anybody. */
export function tryRules(text: string, rules: readonly GuardRule[]): { trials: Trial[]; text: string } {
  const places = scanText(text, rules);
  const masks = createMaskBook(() => text);
  let changed = '';
  let at = 0;
  for (const { rule, start, end, label } of places) {
    if ((rule.action !== 'redact' && rule.action !== 'mask') || start < at) continue;
    changed +=
      text.slice(at, start) + (rule.action === 'mask' ? masks.maskOf(label, text.slice(start, end)) : `[${label}]`);
    at = end;
  }
  const trials = rules.map((rule): Trial => {
    const own = places.filter((place) => place.rule === rule).map(({ label, start, end }) => ({ label, start, end }));
    const trial: Trial = { rule: rule.name, action: rule.action, found: own.length > 0, places: own };
    const { check } = rule;
    if (check.kind === 'moderation' || check.kind === 'schema') {
      return {
        ...trial,
        skipped: check.kind === 'schema' ? 'A schema is checked in answers.' : 'The endpoint is asked in calls only.',
      };
    }
    const judgement =
      check.kind === 'injection'
        ? judgeInjection(check.threshold, [text])
        : check.kind === 'language'
          ? judgeLanguage(check, text)
          : check.kind === 'size'
            ? judgeSize(check, { characters: text.length, tokens: () => Math.ceil(text.length / 3.6), messages: 1 })
            : undefined;
    return judgement ? { ...trial, found: true, because: judgement.because } : trial;
  });
  return { trials, text: at === 0 ? text : changed + text.slice(at) };
}
