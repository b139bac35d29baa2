import type { ReasoningEffort, ReasoningRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Put } from './build-request.ts';
import type { Writing } from './writing.ts';

/**
 * What was asked of thinking. OpenRouter (`reasoningField: 'reasoning_details'`) takes it whole in its `reasoning` object;
 * everyone else knows `reasoning_effort` alone, so a budget becomes the nearest effort and the change is a loss.
 */
export function addReasoning(put: Put, writing: Writing): void {
  const asked = writing.request.reasoning;
  if (!asked) return;
  const { lose, model, quirks } = writing;
  if (asked.summary !== undefined) lose('reasoning.summary', 'Chat Completions has no summaries');
  if (asked.includeEncrypted)
    lose('include[reasoning.encrypted_content]', 'Chat Completions returns no encrypted thinking');
  if (quirks.reasoningField === 'reasoning_details' && !writing.refuses('reasoning')) {
    const whole = openRouterReasoning(asked);
    if (Object.keys(whole).length > 0) put('reasoning', whole);
    return;
  }

  if (asked.include === true && (quirks.reasoningField ?? 'none') === 'none')
    lose('reasoning.include', 'the provider does not show its thinking');
  if (asked.include === false) lose('reasoning.exclude', 'the provider decides whether it shows its thinking');
  const effort = asked.effort ?? effortOf(asked, writing);
  if (asked.budgetTokens !== undefined && asked.enabled !== false) {
    const instead = effort === undefined ? '' : `; reasoning_effort ${effort} is sent instead`;
    lose('reasoning.budget_tokens', `Chat Completions has no thinking budget${instead}`);
  }
  if (effort === undefined) return;
  if (model.reasoning === false) {
    if (effort !== 'none') lose('reasoning_effort', 'the model does not think');
  } else put('reasoning_effort', effort);
}

function effortOf({ enabled, budgetTokens }: ReasoningRequest, { model, lose }: Writing): ReasoningEffort | undefined {
  if (enabled === false || budgetTokens === 0) {
    // A model that is not known to think may not know the word `none`.
    if (model.reasoning === true) return 'none';
    if (model.reasoning === undefined) lose('reasoning.enabled', 'it is unknown whether the model can stop thinking');
    return undefined;
  }
  if (budgetTokens === undefined || model.reasoning === false) return undefined;
  if (budgetTokens <= 4096) return 'low';
  return budgetTokens <= 16_384 ? 'medium' : 'high';
}

function openRouterReasoning({ enabled, effort, budgetTokens, adaptive, include }: ReasoningRequest): JsonObject {
  const whole: JsonObject = {};
  // OpenRouter takes an effort or a budget, never both.
  if (budgetTokens !== undefined && budgetTokens > 0) whole.max_tokens = budgetTokens;
  else if (effort !== undefined) whole.effort = effort;
  if (enabled === false || budgetTokens === 0) whole.enabled = false;
  else if ((enabled || adaptive) && whole.max_tokens === undefined && effort === undefined) whole.enabled = true;
  if (include !== undefined) whole.exclude = !include;
  return whole;
}
