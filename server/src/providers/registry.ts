import { type ProviderKind, providerKindNames } from '../core/provider-kind.ts';
import { createAiSdkProvider } from './ai-sdk/index.ts';
import { createAnthropicProvider } from './anthropic.ts';
import { createAzureOpenAiProvider } from './azure-openai.ts';
import { createBedrockProvider } from './bedrock.ts';
import { createGeminiProvider } from './gemini.ts';
import { createGroqProvider } from './groq.ts';
import { createHuggingFaceProvider } from './huggingface.ts';
import { createMistralProvider } from './mistral.ts';
import { createOllamaProvider } from './ollama.ts';
import { createOpenAiProvider } from './openai.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible-provider.ts';
import { createOpenRouterProvider } from './openrouter.ts';
import type { Provider, ProviderFactory, ProviderSettings } from './provider.ts';
import { createRunpodProvider } from './runpod.ts';
import { createSandboxProvider } from './sandbox/index.ts';
import { type Environment, settingsFault, variable } from './settings.ts';
import { createVllmProvider } from './vllm.ts';

export const providerKinds: Record<ProviderKind, ProviderFactory> = {
  openai: createOpenAiProvider,
  anthropic: createAnthropicProvider,
  gemini: createGeminiProvider,
  bedrock: createBedrockProvider,
  'azure-openai': createAzureOpenAiProvider,
  groq: createGroqProvider,
  mistral: createMistralProvider,
  openrouter: createOpenRouterProvider,
  huggingface: createHuggingFaceProvider,
  ollama: createOllamaProvider,
  runpod: createRunpodProvider,
  vllm: createVllmProvider,
  'openai-compatible': createOpenAiCompatibleProvider,
  'ai-sdk': createAiSdkProvider,
  sandbox: createSandboxProvider,
};

const isKind = (kind: string): kind is ProviderKind => Object.hasOwn(providerKinds, kind);

/** A provider from its settings. Throws `invalid_request` naming the setting at fault (`providers.<id>.<field>`). */
export function createProvider(settings: ProviderSettings, environment: Environment): Provider {
  if (isKind(settings.kind)) return providerKinds[settings.kind](settings, environment);
  throw settingsFault(
    settings,
    'kind',
    `There is no provider kind ${settings.kind}. Use one of ${providerKindNames.join(', ')}.`,
  );
}

/** What must be set for a provider to come on by itself: all of one of the lists. */
const switches: [kind: ProviderKind, ...alternatives: string[][]][] = [
  ['openai', ['OPENAI_API_KEY']],
  ['anthropic', ['ANTHROPIC_API_KEY']],
  ['gemini', ['GEMINI_API_KEY'], ['GOOGLE_API_KEY']],
  ['bedrock', ['AWS_BEARER_TOKEN_BEDROCK'], ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']],
  [
    'azure-openai',
    ['AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_ENDPOINT'],
    ['AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_RESOURCE_NAME'],
  ],
  ['groq', ['GROQ_API_KEY']],
  ['mistral', ['MISTRAL_API_KEY']],
  ['openrouter', ['OPENROUTER_API_KEY']],
  ['huggingface', ['HF_TOKEN']],
  ['runpod', ['RUNPOD_API_KEY', 'RUNPOD_ENDPOINT_ID']],
  ['ollama', ['OLLAMA_HOST']],
];

/** The providers that the environment switches on, each named after its kind. Keys stay in the environment. */
export function discoverProviders(environment: Environment): ProviderSettings[] {
  return switches
    .filter(([, ...alternatives]) => alternatives.some((names) => names.every((name) => variable(environment, name))))
    .map(([kind]) => ({ id: kind, kind }));
}
