import type { AnswerTextKind } from '../core/answer-text.ts';
import type { GuardRule } from './compile.ts';
import { scanText } from './scan.ts';
import { windowLength } from './span.ts';
import { type Edit, type TextEditor, withoutEscapes } from './text-editor.ts';

interface RuleEdit extends Edit {
  rule: GuardRule;
}

/** What rules about places do to the texts of an answer. `onFound` is told each find once and throws to block. */
export function createAnswerEditor(
  rules: readonly GuardRule[],
  onFound: (rule: GuardRule, label: string) => void,
): TextEditor {
  const detectors = [...new Set(rules.flatMap((rule) => rule.detectors))];
  const viewed = (text: string, kind: AnswerTextKind) => (kind === 'arguments' ? withoutEscapes(text) : text);
  return {
    window: Math.max(windowLength, ...detectors.map(({ window = 0 }) => window)),
    edits(text, kind, from) {
      if (kind === 'echo') return [];
      return scanText(viewed(text, kind), rules, from).map(
        (place): RuleEdit => ({ ...place, ...(place.rule.action === 'redact' && { replacement: `[${place.label}]` }) }),
      );
    },
    openFrom(text, kind) {
      if (kind === 'echo') return text.length;
      const view = viewed(text, kind);
      let open = view.length;
      for (const detector of detectors) open = Math.min(open, detector.openFrom(view));
      return open;
    },
    found: (edit) => onFound((edit as RuleEdit).rule, edit.label),
  };
}
