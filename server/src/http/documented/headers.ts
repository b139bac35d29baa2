import { type DocumentRegistry, reference } from './registry.ts';

/** Every header of an answer to a model call, with what it says. `docs/reference/headers.md` tells more of each. */
export const answerHeaderTexts = {
  'x-sluice-request-id': 'The id of this request: in the ledger, in the log and in every error.',
  'x-request-id': 'The same id, where the OpenAI SDKs look for it.',
  'request-id': 'The same id, where the Anthropic SDKs look for it.',
  'x-sluice-model': '`provider/model` that answered.',
  'x-sluice-route': 'Why this model, in words.',
  'x-sluice-attempts':
    'How many tries there were, and what became of each: `2; groq/a upstream_overloaded; openai/b ok`.',
  'x-sluice-cost-usd':
    'US dollars as a decimal, or `unpriced`. Not on streams, whose headers leave before the cost is known.',
  'x-sluice-cache':
    '`none`, `miss`: the answer came from a provider. `exact`, `semantic`, `shared`, `partial`: from a cache, or from an equal call at the same moment.',
  age: 'How many seconds ago a cached answer was given first.',
  'x-sluice-cache-key': 'What the exact cache knows the answer by; it can be invalidated by it.',
  'x-sluice-guard': 'What guardrails did and found, by kind: `pii mask EMAIL 2; injection flag score 60`.',
  'x-sluice-loss': 'What the request held that the provider has no place for, each with its reason.',
  'x-sluice-upstream-request-id': "The provider's own id of the call.",
  'x-ratelimit-limit-requests':
    'The most requests within a minute, by the tightest of your limits. Without a limit of yours, what the provider sent.',
  'x-ratelimit-remaining-requests': 'How many of them are left.',
  'x-ratelimit-reset-requests': 'How long until more are left, like `31s`.',
  'anthropic-ratelimit-requests-limit':
    'The same as `x-ratelimit-limit-requests`, where the Anthropic SDKs look for it.',
  'anthropic-ratelimit-requests-remaining': 'The same as `x-ratelimit-remaining-requests`.',
  'anthropic-ratelimit-requests-reset': 'When more are left, as a time.',
  'x-ratelimit-limit-tokens':
    'The most tokens within a minute, by the tightest of your limits. Without a limit of yours, what the provider sent.',
  'x-ratelimit-remaining-tokens': 'How many of them are left.',
  'x-ratelimit-reset-tokens': 'How long until more are left, like `31s`.',
  'anthropic-ratelimit-tokens-limit': 'The same as `x-ratelimit-limit-tokens`, where the Anthropic SDKs look for it.',
  'anthropic-ratelimit-tokens-remaining': 'The same as `x-ratelimit-remaining-tokens`.',
  'anthropic-ratelimit-tokens-reset': 'When more are left, as a time.',
} as const;

/** What an error adds. */
const errorHeaderTexts = {
  'x-should-retry': '`true` when the same request may succeed later. The OpenAI and Anthropic SDKs obey it.',
  'retry-after': 'Seconds to wait before trying again, when that is known.',
} as const;

export const requestHeaderTexts = {
  'x-sluice-organisation':
    'For sessions and tokens: the id of the organisation to act in. Without it, the first of the person.',
  'x-sluice-strict': '`true`: refuse with 400 `loss_forbidden` rather than leave anything out in translation.',
  'x-sluice-cache':
    'What is wanted of the caches: `no-store`, `no-cache`, `bypass`, `exact`, `only-if-cached`, `max-age=<seconds>`, several with commas.',
  'x-sluice-mode':
    '`flash`, `think` or `ultra-think`: how much thought the answer is worth. It sets what routing holds good enough, and how much a model thinks.',
  'x-sluice-thread':
    'The conversation that the call belongs to, up to 200 characters, for limits of each conversation.',
  'x-sluice-tags': 'Up to 20 words, comma separated, kept with the call in the ledger.',
} as const;

export function documentHeaders(registry: DocumentRegistry): void {
  for (const [name, description] of Object.entries({ ...answerHeaderTexts, ...errorHeaderTexts })) {
    registry.registerComponent('headers', name, { description, schema: { type: 'string' } });
  }
  for (const [name, description] of Object.entries(requestHeaderTexts)) {
    registry.registerComponent('parameters', name, { name, in: 'header', description, schema: { type: 'string' } });
  }
}

const references = (names: string[]) => Object.fromEntries(names.map((name) => [name, reference('headers', name)]));

/** The headers of a whole answer, of a stream, and of an error. */
export const answerHeaderReferences = references(Object.keys(answerHeaderTexts));
export const errorHeaderReferences = references(['x-sluice-request-id', ...Object.keys(errorHeaderTexts)]);
/** The headers that a model call understands. */
export const callParameters = Object.keys(requestHeaderTexts).map((name) => reference('parameters', name));
