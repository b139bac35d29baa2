import type { ModelCall } from '../core/call.ts';
import { countInputTokens, type TokenCount } from '../core/count-tokens.ts';
import type { Frame } from '../core/frame.ts';
import { isObject } from '../core/json.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { countTokensBody as anthropicBody } from '../wire/anthropic-messages/index.ts';
import { countTokensBody as geminiBody } from '../wire/gemini/index.ts';
import type { AttemptAt, CallTargetDeps } from './call-target.ts';
import { fetchAnswer } from './fetch-answer.ts';
import { JsonFrame, readJson } from './read-json.ts';

type CountCall = Extract<ModelCall, { operation: 'count-tokens' }>;

/** Counts a request's input tokens: the provider's own count where it has one (Anthropic, Gemini), else o200k here. */
export async function* countTokensAt(
  deps: CallTargetDeps,
  attempt: AttemptAt,
  call: CountCall,
): AsyncGenerator<Frame, void, undefined> {
  const { provider, target, credential, context } = attempt;
  const wireName = provider.wires.find((name) => name === 'anthropic-messages' || name === 'gemini');
  if (!wireName || provider.answer) {
    yield countFrame({ tokens: ownCount(deps, attempt, call) ?? (await countInputTokens(call.request)) });
    return;
  }
  const wire = deps.wires[wireName];
  const model = { upstream: target.deployment.upstream };
  const body = wireName === 'gemini' ? geminiBody(call.request, model).body : anthropicBody(call.request, model);
  const { firstByteMs, idleMs } = deps.limits();
  const answer = await fetchAnswer(
    deps,
    attempt,
    wire,
    {
      operation: 'count-tokens',
      wire: wireName,
      upstream: model.upstream,
      stream: false,
      body: JSON.stringify(body),
      credential,
      passHeaders: {},
    },
    { firstByteMs, idleMs },
  );
  context.facts.wire = wireName;
  const { value } = await readJson(answer);
  const tokens = isObject(value) ? (wireName === 'gemini' ? value.totalTokens : value.input_tokens) : undefined;
  if (typeof tokens !== 'number')
    throw new SluiceError('upstream_invalid_answer', `${provider.id} gave no token count.`);
  const cached = isObject(value) ? value.cachedContentTokenCount : undefined;
  yield countFrame({ tokens, ...(typeof cached === 'number' && { cachedTokens: cached }) });
}

/** What a provider in this process counts itself: the same as it will say in the usage of its answer. */
function ownCount(
  { wires }: CallTargetDeps,
  { provider, target }: AttemptAt,
  { request }: CountCall,
): number | undefined {
  if (!provider.countTokens) return undefined;
  const { upstream } = target.deployment;
  const { body } = wires[provider.wires[0]!].buildRequest(request, { upstream }, provider.quirks);
  return provider.countTokens(body, upstream);
}

const countFrame = (count: TokenCount): Frame =>
  new JsonFrame('count-tokens', Buffer.from(JSON.stringify(count)), () => []);
