import { type PromptFeatures, vocabularyCounts } from './features.ts';

/** Kinds of tasks, by the words that speak for them. */
const kinds = {
  code: ['code'],
  mathematics: ['maths', 'counting'],
  science: ['science'],
  law: ['law'],
  medicine: ['medicine'],
  history: ['history'],
  business: ['money'],
  logic: ['logic'],
  writing: ['writing'],
  rewriting: ['rewriting'],
} as const;

export type TaskType = keyof typeof kinds | 'general';

/** What kind of task a prompt looks like, by the words that it uses; for people to read. `general` when no kind stands out. */
export function taskTypeOf(features: PromptFeatures): TaskType {
  const counts = vocabularyCounts(features);
  let found: TaskType = 'general';
  let most = 1;
  for (const [kind, names] of Object.entries(kinds)) {
    const count = names.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
    if (count > most) {
      most = count;
      found = kind as TaskType;
    }
  }
  return found;
}
