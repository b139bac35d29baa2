import type { AnswerFacts } from './call.ts';
import type { ModelInfo } from './model-info.ts';
import type { Usage } from './usage.ts';

/** An answer that was made on the way to the one that is given, and is paid for all the same. */
export interface Discarded {
  /** `provider/model`. */
  model?: string;
  modelInfo?: ModelInfo;
  usage?: Usage;
}

/** The answer so far is not the one: what it used stays to be charged, and the next is as if nobody had answered yet. */
export function discardAnswer(facts: AnswerFacts): void {
  const { model, modelInfo, usage } = facts;
  if (usage) facts.discarded.push({ model, modelInfo, usage });
  facts.model = undefined;
  facts.modelInfo = undefined;
  facts.provider = undefined;
  facts.usage = undefined;
  facts.finish = undefined;
  facts.complete = undefined;
}
