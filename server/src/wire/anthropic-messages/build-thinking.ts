import type { ReasoningEffort, ReasoningRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { forcesTool } from './build-tools.ts';
import type { Building } from './building.ts';
import { lose } from './lose.ts';

/**
 * `budget_tokens` for an effort, where the model takes no effort of its own. The largest, with 4,096 tokens of answer, stays
 * under the 32,000 output tokens that are the least any thinking model has.
 */
export const effortBudgets: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 4096,
  high: 16_384,
  xhigh: 24_576,
  max: 27_648,
};
const leastBudget = 1024;
/** What `max_tokens` is when neither the caller nor the catalogue says: the most that every Claude model allows. */
export const defaultMaxTokens = 4096;

export interface BuiltThinking {
  maxTokens: number;
  thinking?: JsonObject;
  effort?: string;
}

/** `max_tokens`, `thinking` and `output_config.effort`, for the modes this model knows. */
export function buildThinking(building: Building): BuiltThinking {
  const { request, model } = building;
  const asked = request.maxOutputTokens ?? model.maxOutputTokens;
  const plain: BuiltThinking = { maxTokens: asked ?? defaultMaxTokens };
  const { reasoning } = request;
  if (!reasoning) return plain;
  const native = request.dialect === 'anthropic-messages';
  if (reasoning.enabled === false || reasoning.effort === 'none') {
    return { ...plain, ...(native && nativeEffort(reasoning, building)), ...withoutThinking(building) };
  }
  if (native && !wantsMode(reasoning)) return { ...plain, ...nativeEffort(reasoning, building) };
  if (native && takesMode(reasoning, building)) {
    return { ...plain, ...nativeEffort(reasoning, building), thinking: nativeMode(reasoning) };
  }
  if (!wantsMode(reasoning) && reasoning.effort === undefined) return plain;
  return withThinking(reasoning, asked, plain, building);
}

const wantsMode = (reasoning: ReasoningRequest): boolean =>
  reasoning.enabled === true || reasoning.budgetTokens !== undefined || reasoning.adaptive === true;

/** A caller of this dialect chose the mode with this API in mind; it stands wherever the model knows it. */
function takesMode({ adaptive, budgetTokens }: ReasoningRequest, { model, traits }: Building): boolean {
  if (model.reasoning === false || traits.thinking === 'none') return false;
  if (adaptive) return traits.thinking !== 'budget';
  return budgetTokens !== undefined && (traits.thinking === 'budget' || traits.thinking === 'both');
}

function nativeMode({ adaptive, budgetTokens, include }: ReasoningRequest): JsonObject {
  const display = include === undefined ? {} : { display: include ? 'summarized' : 'omitted' };
  return adaptive ? { type: 'adaptive', ...display } : { type: 'enabled', budget_tokens: budgetTokens, ...display };
}

/** Effort steers more than thinking, so a caller of this dialect may send it without asking for any. */
function nativeEffort({ effort }: ReasoningRequest, { traits, losses }: Building): Partial<BuiltThinking> {
  if (effort === undefined || traits.effort) return effort === undefined || effort === 'none' ? {} : { effort };
  lose(losses, 'output_config.effort', 'this model takes no effort');
  return {};
}

function withoutThinking({ request, traits, losses }: Building): Partial<BuiltThinking> {
  if (traits.thinking === 'always') {
    lose(losses, 'reasoning_effort', 'this model always thinks');
    return {};
  }
  // Models that think by default must be told; older ones do not think unless asked.
  const explicit = request.dialect === 'anthropic-messages' && traits.thinking !== 'none';
  return explicit || traits.thinking === 'adaptive' ? { thinking: { type: 'disabled' } } : {};
}

function withThinking(
  reasoning: ReasoningRequest,
  asked: number | undefined,
  plain: BuiltThinking,
  building: Building,
): BuiltThinking {
  const { traits, model, losses } = building;
  if (model.reasoning === false || traits.thinking === 'none') {
    lose(losses, 'reasoning_effort', 'this model does not think');
    return plain;
  }
  if (reasoning.summary && reasoning.summary !== 'auto') {
    lose(losses, 'reasoning.summary', 'the length of summaries cannot be chosen');
  }
  const adaptive = traits.thinking !== 'budget' && (traits.thinking !== 'both' || reasoning.budgetTokens === undefined);
  if (forcesTool(building)) {
    lose(losses, 'reasoning_effort', 'a forced tool call and thinking exclude each other');
    return adaptive && traits.effort ? { ...plain, ...effortOf(reasoning, building) } : plain;
  }
  if (adaptive) {
    if (reasoning.budgetTokens !== undefined) {
      lose(losses, 'thinking_budget', 'this model decides itself how much to think');
    }
    const display = reasoning.include || reasoning.summary ? { display: 'summarized' } : {};
    return { ...plain, thinking: { type: 'adaptive', ...display }, ...effortOf(reasoning, building) };
  }
  return withBudget(reasoning, asked, plain, building);
}

function effortOf({ effort }: ReasoningRequest, { losses }: Building): Partial<BuiltThinking> {
  if (effort === undefined || effort === 'none') return {};
  if (effort !== 'minimal') return { effort };
  lose(losses, 'reasoning_effort', '`minimal` was sent as `low`, the least there is');
  return { effort: 'low' };
}

function withBudget(
  reasoning: ReasoningRequest,
  asked: number | undefined,
  plain: BuiltThinking,
  building: Building,
): BuiltThinking {
  const { losses } = building;
  if (endsInUnthinkingLoop(building)) {
    lose(losses, 'reasoning_effort', 'the tool call being answered was made without thinking that can be replayed');
    return plain;
  }
  const { effort, budgetTokens } = reasoning;
  const wanted = budgetTokens ?? effortBudgets[effort === undefined || effort === 'none' ? 'medium' : effort];
  // max_tokens covers thinking and answer. A figure of the caller's own that fits stands; else a quarter goes to the answer.
  const maxTokens = asked ?? wanted + defaultMaxTokens;
  const fits = asked === undefined || (budgetTokens !== undefined && budgetTokens < asked);
  const budget = fits ? wanted : Math.min(wanted, Math.floor((maxTokens * 3) / 4));
  if (budget < leastBudget) {
    const field = budgetTokens === undefined ? 'reasoning_effort' : 'thinking_budget';
    lose(losses, field, `thinking takes at least ${leastBudget} tokens, and a third of that for the answer`);
    return plain;
  }
  if (budgetTokens !== undefined && budget < budgetTokens) {
    lose(losses, 'thinking_budget', `${budget} tokens is what \`max_tokens\` leaves for thinking`);
  }
  return { maxTokens, thinking: { type: 'enabled', budget_tokens: budget } };
}

/** With a budget, the API refuses to go on with a tool call whose turn does not begin with signed thinking. */
function endsInUnthinkingLoop({ request: { messages } }: Building): boolean {
  const lastAssistant = messages.findLastIndex((message) => message.role === 'assistant');
  const answered = messages.slice(lastAssistant + 1).some((message) => message.role === 'tool');
  if (lastAssistant === -1 || !answered) return false;
  let opening = lastAssistant;
  while (messages[opening - 1]?.role === 'assistant') opening--;
  const turn = messages.slice(opening, lastAssistant + 1).flatMap((message) => message.parts);
  const first = turn.find((part) => part.type !== 'text' || part.text.trim() !== '');
  return !(first?.type === 'reasoning' && (first.redacted !== undefined || first.signature?.origin === 'anthropic'));
}
