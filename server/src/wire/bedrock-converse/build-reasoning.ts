import type { ChatRequest, ReasoningEffort } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Loss } from '../../core/loss.ts';
import type { WireModel } from '../wire.ts';
import type { FamilyFacts } from './model-family.ts';

export interface BuiltReasoning {
  /** Fields for `additionalModelRequestFields`. */
  fields: JsonObject;
  /** Thinking is on: Claude then takes no temperature but 1, no top_k and no forced tool. */
  thinking: boolean;
}

interface Asked {
  request: ChatRequest;
  model: WireModel;
  family: FamilyFacts;
  forcedTool: boolean;
  losses: Loss[];
}

const nothing: BuiltReasoning = { fields: {}, thinking: false };
const leastBudgetTokens = 1024;
/** Thinking tokens for an effort, for Claude models that know only budgets. */
const budgetOfEffort: Record<Exclude<ReasoningEffort, 'none'>, number> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_000,
};

/** What the caller asked of thinking in the words of the model's family; what the family cannot say becomes a loss. */
export function buildReasoning(asked: Asked): BuiltReasoning {
  const { reasoning } = asked.request;
  if (!reasoning) return nothing;
  const { enabled, effort, budgetTokens, adaptive } = reasoning;
  const off = enabled === false || effort === 'none';
  const said = off || enabled === true || effort !== undefined || budgetTokens !== undefined || adaptive === true;
  if (!said) return nothing;
  if (asked.model.reasoning === false) return off ? nothing : lose(asked, 'this model does not think');
  switch (asked.family.family) {
    case 'claude':
      return off ? claudeOff(asked) : claudeOn(asked);
    case 'nova':
      return off ? { fields: { reasoningConfig: { type: 'disabled' } }, thinking: false } : nova(asked);
    default:
      return others(asked, off);
  }
}

function lose({ request, losses }: Asked, reason: string): BuiltReasoning {
  losses.push({ field: request.reasoning?.effort ? 'reasoning_effort' : 'thinking', reason });
  return nothing;
}

/** Thinking is off by itself, except where the model decides (from 4.6 on). */
const claudeOff = ({ family }: Asked): BuiltReasoning =>
  (family.claudeVersion ?? 0) >= 406 ? { fields: { thinking: { type: 'disabled' } }, thinking: false } : nothing;

function claudeOn(asked: Asked): BuiltReasoning {
  const { request, model, family, forcedTool, losses } = asked;
  const { effort, budgetTokens, adaptive } = request.reasoning!;
  const version = family.claudeVersion ?? 400;
  if (version < 307) return lose(asked, 'this model does not think');
  if (forcedTool) return lose(asked, 'Claude does not think when a tool call is forced');
  // 4.6 brought adaptive thinking; later models take no budget any more.
  if (version >= 407 || (version >= 406 && (adaptive || budgetTokens === undefined))) {
    if (budgetTokens !== undefined) {
      losses.push({ field: 'thinking.budget_tokens', reason: 'this model decides itself how long it thinks' });
    }
    const claudeEffort = effort === 'minimal' ? 'low' : effort;
    return {
      fields: { thinking: { type: 'adaptive' }, ...(effort && { output_config: { effort: claudeEffort } }) },
      thinking: true,
    };
  }
  if (budgetTokens !== undefined) return budget(budgetTokens);
  const room = request.maxOutputTokens ?? model.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  const wanted = budgetOfEffort[effort === undefined || effort === 'none' ? 'medium' : effort];
  // The budget counts within the output limit: a fifth at least is left for the answer.
  const tokens = Math.min(wanted, Math.floor(room * 0.8));
  if (tokens < leastBudgetTokens)
    return lose(asked, `max_tokens leaves no room for ${leastBudgetTokens} tokens of thinking`);
  return budget(tokens);
}

const budget = (tokens: number): BuiltReasoning => ({
  fields: { thinking: { type: 'enabled', budget_tokens: tokens } },
  thinking: true,
});

function nova(asked: Asked): BuiltReasoning {
  const { effort, budgetTokens } = asked.request.reasoning!;
  if (budgetTokens !== undefined) {
    asked.losses.push({ field: 'thinking.budget_tokens', reason: 'Nova knows efforts, not budgets' });
  }
  const level =
    effort === 'low' || effort === 'minimal' ? 'low' : effort === undefined || effort === 'medium' ? 'medium' : 'high';
  return { fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: level } }, thinking: false };
}

function others(asked: Asked, off: boolean): BuiltReasoning {
  const { effort, budgetTokens } = asked.request.reasoning!;
  if (budgetTokens !== undefined) {
    asked.losses.push({ field: 'thinking.budget_tokens', reason: 'this model knows efforts, not budgets' });
  }
  if (effort !== undefined && effort !== 'none') return { fields: { reasoning_effort: effort }, thinking: false };
  if (off || budgetTokens === undefined) return lose(asked, 'this model has no such switch on Bedrock');
  return nothing;
}
