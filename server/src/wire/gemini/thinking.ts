import type { ReasoningEffort, ReasoningRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import type { WireModel } from '../wire.ts';
import { isGeneration3 } from './generation.ts';
import { lose } from './losses.ts';

type Level = 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH';

// Google's own table for its OpenAI endpoint (https://ai.google.dev/gemini-api/docs/openai, "Thinking").
const budgets = { none: 0, minimal: 1024, low: 1024, medium: 8192, high: 24576, xhigh: 24576, max: 24576 };
const levels = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
} as const satisfies Record<ReasoningEffort, Level>;

/**
 * What the caller asked of thinking as `thinkingConfig`: a level for Gemini 3 and newer, a budget of tokens before that
 * (level and budget together are refused by Google). Undefined when nothing is to be said.
 */
export function thinkingConfig(
  reasoning: ReasoningRequest | undefined,
  model: WireModel,
  losses: Loss[],
): JsonObject | undefined {
  if (!reasoning) return undefined;
  if (model.reasoning === false) {
    const asked = reasoning.enabled !== false && reasoning.effort !== 'none';
    if (asked) lose(losses, 'reasoning', 'this model does not think');
    return undefined;
  }
  const config: JsonObject = amount(reasoning, model.upstream, losses);
  const include = reasoning.include ?? (reasoning.summary === undefined ? undefined : true);
  if (include !== undefined) config.includeThoughts = include;
  if (reasoning.summary === 'concise' || reasoning.summary === 'detailed')
    lose(losses, 'reasoning.summary', 'Gemini has one kind of thought summary');
  return Object.keys(config).length > 0 ? config : undefined;
}

function amount(reasoning: ReasoningRequest, model: string, losses: Loss[]): JsonObject {
  const effort: ReasoningEffort | undefined = reasoning.enabled === false ? 'none' : reasoning.effort;
  if (effort === 'xhigh' || effort === 'max') lose(losses, 'reasoning_effort', 'the highest level of Gemini is high');
  if (isGeneration3(model)) {
    if (effort === undefined) return budgetOf(reasoning);
    if (reasoning.budgetTokens !== undefined && effort !== 'none')
      lose(losses, 'reasoning.max_tokens', 'Gemini takes a level or a budget, not both');
    return { thinkingLevel: levelFor(effort, model, losses) };
  }
  // A budget is the more exact wish; only "none" overrules it.
  if (effort === 'none') return { thinkingBudget: 0 };
  const budget = budgetOf(reasoning);
  if (Object.keys(budget).length > 0) {
    if (effort !== undefined) lose(losses, 'reasoning_effort', 'the budget of tokens was sent instead');
    return budget;
  }
  return effort === undefined ? {} : { thinkingBudget: budgets[effort] };
}

function budgetOf(reasoning: ReasoningRequest): JsonObject {
  if (reasoning.budgetTokens !== undefined) return { thinkingBudget: reasoning.budgetTokens };
  return reasoning.adaptive ? { thinkingBudget: -1 } : {};
}

/** Pro models cannot go below LOW, the first of them knew no MEDIUM, and none of generation 3 can be kept from thinking. */
function levelFor(effort: ReasoningEffort, model: string, losses: Loss[]): Level {
  const wanted = levels[effort];
  const isPro = /-pro\b/.test(model);
  const level = isPro && wanted === 'MINIMAL' ? 'LOW' : isFirstPro(model) && wanted === 'MEDIUM' ? 'HIGH' : wanted;
  if (effort === 'none') lose(losses, 'reasoning_effort', 'Gemini 3 cannot stop thinking');
  else if (level !== wanted) lose(losses, 'reasoning_effort', `this model knows no ${wanted}, ${level} was sent`);
  return level;
}

const isFirstPro = (model: string): boolean => /gemini-3(\.0)?-pro\b/.test(model);
