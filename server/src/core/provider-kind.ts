/** What `kind` may say in the configuration; each is a file in `providers/`. */
export const providerKindNames = [
  'openai',
  'anthropic',
  'gemini',
  'bedrock',
  'azure-openai',
  'groq',
  'mistral',
  'openrouter',
  'huggingface',
  'ollama',
  'runpod',
  'vllm',
  'openai-compatible',
  'ai-sdk',
  'sandbox',
] as const;

export type ProviderKind = (typeof providerKindNames)[number];
