import type { ModelCall } from '../core/call.ts';
import { intents } from '../core/intent.ts';
import type { ModelInfo } from '../core/model-info.ts';
import type { RoutingDecision } from '../core/routing-decision.ts';
import { fromTier, orderByComplexity } from './complexity.ts';
import type { Latencies } from './latency.ts';
import { decide, type LearnedChoice } from './learned/decide.ts';
import type { QualityBook } from './learned/quality-book.ts';
import { type Group, type RoutedModel, tauByMode, usualTau } from './registry.ts';
import { shuffleByWeight } from './shuffle-by-weight.ts';
import { userTexts } from './user-texts.ts';

/** A call with a conversation. */
export type ConversationCall = Extract<ModelCall, { operation: 'chat' | 'count-tokens' }>;

/** A member of a group, and its share where the group is weighted. */
export interface Member {
  routed: RoutedModel;
  weight: number;
}

export interface OrderedMembers {
  /** All members, best first. */
  asked: RoutedModel[];
  /** In words, what of the request put them in this order; absent when nothing did. */
  because?: string;
  /** What was expected of whom, when quality decided. */
  decision?: RoutingDecision;
}

export interface MemberOrderDeps {
  /** What is known of how well models answer. */
  quality: QualityBook;
  /** Whether a provider runs on the operator's own machines. */
  isLocal(provider: string): boolean;
  random(): number;
  latencies: Pick<Latencies, 'expected'>;
}

/** Puts the members of a group in the order in which they are to be asked, by the group's strategy. */
export function createMemberOrder({ quality, isLocal, random, latencies }: MemberOrderDeps) {
  /** Of a model's deployments the quickest. One that nobody asked lately goes first, so that it becomes known. */
  const latencyOf = ({ deployments }: RoutedModel, { stream }: ModelCall): number =>
    Math.min(...deployments.map(({ id }) => latencies.expected(id, stream) ?? 0));

  function learned(group: Group, models: readonly RoutedModel[], call: ConversationCall): LearnedChoice<Judged> {
    const { floor = 0, default: fallback } = group;
    const tau = call.mode ? tauByMode[call.mode] : (group.tau ?? usualTau);
    const candidates = models.map((model) => ({
      model,
      id: model.id,
      info: model.info,
      cost: likelyCost(model.info, call),
      local: model.deployments.some(({ provider }) => isLocal(provider)),
    }));
    return decide(quality, candidates, userTexts(call.request), { tau, floor, fallback }, call.heads);
  }

  return {
    /** `canTake`: whether a member meets the call's hard needs. Members that do not stay in the list, for the refusal's sake. */
    order(
      group: Group,
      members: readonly Member[],
      call: ModelCall,
      canTake: (model: RoutedModel) => boolean,
    ): OrderedMembers {
      const models = members.map(({ routed }) => routed);
      switch (group.strategy) {
        case 'ordered':
        // The policy that climbs asks for one member after the other.
        case 'cascade':
          return { asked: models };
        case 'weighted':
          return { asked: shuffleByWeight(members, random).map(({ routed }) => routed) };
        case 'fastest':
          return { asked: models.sort((a, b) => latencyOf(a, call) - latencyOf(b, call)) };
        case 'cheapest':
          return { asked: models.sort(byPrice) };
        case 'complexity': {
          // Texts to be embedded are no harder than others.
          if (call.operation === 'embeddings') return { asked: models };
          const { ordered, because } = orderByComplexity(models, call.request, group.thresholds);
          return { asked: ordered, because };
        }
        case 'classifier': {
          const { intent } = call;
          if (call.operation === 'embeddings' || models.length === 0) return { asked: models };
          if (intent === undefined) {
            const { ordered, because } = orderByComplexity(models, call.request);
            return { asked: ordered, because: `not classified, ${because}` };
          }
          const first = Math.round((intents.indexOf(intent) * (models.length - 1)) / (intents.length - 1));
          return { asked: fromTier(models, first), because: `classified as ${intent}` };
        }
        case 'learned': {
          if (call.operation === 'embeddings') return { asked: models.sort(byPrice) };
          // What is good enough is measured against the best of those that can take the request.
          const able = models.filter(canTake);
          const { ordered, because, last } = learned(group, able, call);
          const unable = models.filter((model) => !able.includes(model));
          const candidates = ordered.map(({ model: { id, deployments } }, at) => ({
            model: id,
            deployments: deployments.map((deployment) => deployment.id),
            expected: last.expected[at]!,
          }));
          return {
            asked: [...ordered.map(({ model }) => model), ...unable],
            because,
            decision: { state: last.state, candidates },
          };
        }
      }
    },
    learned,
  };
}

export type MemberOrder = ReturnType<typeof createMemberOrder>;

interface Judged {
  model: RoutedModel;
  id: string;
  info: ModelInfo;
  cost: number;
  local: boolean;
}

/** Dollars per million tokens at three input tokens for one of output; unknown prices come last. */
export const blendedPrice = ({ price }: ModelInfo): number =>
  price?.input === undefined || price.output === undefined
    ? Number.POSITIVE_INFINITY
    : (3 * price.input + price.output) / 4;

/** Orders models by list price. */
export function byPrice(a: RoutedModel, b: RoutedModel): number {
  const [first, second] = [blendedPrice(a.info), blendedPrice(b.info)];
  // Infinity minus itself is no order.
  return first === second ? 0 : first - second;
}

// The length of an answer when nobody has said how long it may be, in tokens.
const usualOutputTokens = 400;
// And of a question of which the length is not known, in characters.
const usualInputLength = 1000;

/** Micro-dollars that a call would likely cost, by the length of its body; unknown prices come last. */
function likelyCost({ price }: ModelInfo, { raw }: ModelCall): number {
  if (price?.input === undefined || price.output === undefined) return Number.POSITIVE_INFINITY;
  return ((raw?.text.length ?? usualInputLength) / 4) * price.input + usualOutputTokens * price.output;
}
