/** What each part of a prompt adds to its complexity; negative parts take away. */
export interface ComplexityFactors {
  length: number;
  complexWords: number;
  simpleWords: number;
  code: number;
  question: number;
  creative: number;
}

export interface Complexity {
  /** The factors' sum, held between 0 and 1. */
  score: number;
  factors: ComplexityFactors;
}

/** Where the tiers part when nobody says otherwise: a small model below the first, a strong one from the second on. */
export const defaultThresholds: readonly number[] = [0.3, 0.6];

// A prompt is read so far. What comes after is long already, which is all that it would add.
const mostRead = 8000;

const complexWords =
  /\b(?:analy[sz]e|architect(?:ure)?|compare|critique|debug|derive|design|evaluate|explain why|implement|justify|optimi[sz]e|plan|prove|reason|refactor|strategy|synthesi[sz]e|trade-?offs?)\b/gi;
const simpleWords =
  /\b(?:define|list|summari[sz]e|translate|what is|what's|when (?:is|was)|who (?:is|was)|where is)\b/i;
const creativeWords =
  /\b(?:compose|creative|fiction|imagine|invent|lyrics|novel|poem|screenplay|short story|write a story)\b/i;
const fencedCode = /```|~~~/;
const codeMarks =
  /[;{]\s*\n|=>|\b(?:const|def|fn|func|function|import|return|class)\s+\w|<\/\w+>|\bselect\b[\s\S]{1,200}\bfrom\b|`[^`\n]+`|\w+\(\w*\)\s*[;{]/i;

/**
 * How hard a prompt looks, from 0 to 1, with the parts that say so. It explains itself and needs no model, but on public
 * data it tells hard prompts from easy ones hardly better than chance: a start, and a yardstick for what is learned.
 */
export function scoreComplexity(prompt: string): Complexity {
  const text = prompt.length > mostRead ? prompt.slice(0, mostRead) : prompt;
  const found = new Set(text.match(complexWords)?.map((word) => word.toLowerCase()));
  const factors: ComplexityFactors = {
    length: prompt.length < 100 ? 0.1 : prompt.length <= 500 ? 0.3 : 0.5,
    complexWords: Math.min(3, found.size) / 10,
    simpleWords: simpleWords.test(text) ? -0.1 : 0,
    code: fencedCode.test(text) ? 0.3 : codeMarks.test(text) ? 0.15 : 0,
    question: text.trimEnd().endsWith('?') ? -0.1 : 0,
    creative: creativeWords.test(text) ? 0.2 : 0,
  };
  const sum = Object.values(factors).reduce((total: number, part: number) => total + part, 0);
  // Tenths have no exact binary form: 0.1 + 0.2 must not fall on the other side of a threshold of 0.3.
  return { score: Math.round(Math.min(1, Math.max(0, sum)) * 1000) / 1000, factors };
}

/** The tier of a score: 0 below the first threshold, and one more from each threshold on. Thresholds ascend. */
export function complexityTier(score: number, thresholds: readonly number[] = defaultThresholds): number {
  return thresholds.filter((threshold) => score >= threshold).length;
}
