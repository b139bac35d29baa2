import { detectLanguage, type Language } from './detect/language.ts';
import { type Suspicion, scoreInjection } from './injection/score.ts';
import type { Check } from './rule.ts';

/** What a rule that judges a whole has to say against it. */
export interface Judgement {
  /** The label of the finding, and its figure: `score 70`, `characters 120000`. */
  label: string;
  figure: number;
  /** In words, for the message. */
  because: string;
  reasons?: readonly string[];
}

export interface Measures {
  characters: number;
  tokens(): number;
  messages: number;
}

/** Whether the request is too large. */
export function judgeSize(check: Extract<Check, { kind: 'size' }>, measures: Measures): Judgement | undefined {
  const over = (label: string, figure: number, most: number | undefined): Judgement | undefined =>
    most === undefined || figure <= most
      ? undefined
      : { label, figure, because: `it has ${figure} ${label}, and at most ${most} are allowed` };
  return (
    over('characters', measures.characters, check.maxCharacters) ??
    over('messages', measures.messages, check.maxMessages) ??
    (check.maxTokens === undefined ? undefined : over('tokens', measures.tokens(), check.maxTokens))
  );
}

/** Whether a text is in a language that is not wanted; a text too short to tell is in none. */
export function judgeLanguage(check: Extract<Check, { kind: 'language' }>, text: string): Judgement | undefined {
  const language: Language | undefined = detectLanguage(text);
  if (!language || language.confidence < surely) return undefined;
  const denied = check.allow ? !check.allow.includes(language.code) : check.deny?.includes(language.code);
  return denied
    ? {
        label: `language ${language.code}`,
        figure: 1,
        because: `it is written in a language that is not allowed (${language.code})`,
      }
    : undefined;
}

const surely = 0.2;

/** The worst of the texts, when it reaches the threshold. */
export function judgeInjection(threshold: number, texts: Iterable<string>): Judgement | undefined {
  let worst: Suspicion | undefined;
  for (const text of texts) {
    const suspicion = scoreInjection(text);
    if (suspicion.score > (worst?.score ?? 0)) worst = suspicion;
  }
  if (!worst || worst.score < threshold) return undefined;
  return {
    label: 'score',
    figure: worst.score,
    because: `it looks like a prompt injection (score ${worst.score} of 100: ${worst.reasons.join(', ')})`,
    reasons: worst.reasons,
  };
}
