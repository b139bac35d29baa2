/** What a kind of provider needs to be told. */
export interface ProviderKind {
  kind: string;
  name: string;
  /** Where it answers unless somebody says otherwise; null: that must be said; empty: that is not asked. */
  address: string | null;
  key: 'needed' | 'optional' | 'none';
  /** Options of its own, by name. */
  options?: { name: string; placeholder?: string; secret?: boolean; needed?: boolean }[];
}

/** The kinds that can be added here, those that run on one's own machines first. */
export const providerKinds: readonly ProviderKind[] = [
  { kind: 'ollama', name: 'Ollama', address: 'http://127.0.0.1:11434', key: 'none' },
  { kind: 'vllm', name: 'vLLM', address: null, key: 'optional' },
  { kind: 'openai-compatible', name: 'OpenAI-compatible', address: null, key: 'optional' },
  { kind: 'openai', name: 'OpenAI', address: 'https://api.openai.com/v1', key: 'needed' },
  { kind: 'anthropic', name: 'Anthropic', address: 'https://api.anthropic.com', key: 'needed' },
  { kind: 'gemini', name: 'Google Gemini', address: 'https://generativelanguage.googleapis.com', key: 'needed' },
  {
    kind: 'bedrock',
    name: 'Amazon Bedrock',
    address: '',
    key: 'optional',
    options: [
      { name: 'region', placeholder: 'eu-central-1' },
      { name: 'accessKeyId' },
      { name: 'secretAccessKey', secret: true },
    ],
  },
  {
    kind: 'azure-openai',
    name: 'Azure OpenAI',
    address: '',
    key: 'needed',
    options: [
      { name: 'resource', placeholder: 'my-resource' },
      { name: 'apiVersion', placeholder: '2024-10-21' },
    ],
  },
  { kind: 'groq', name: 'Groq', address: 'https://api.groq.com/openai/v1', key: 'needed' },
  { kind: 'mistral', name: 'Mistral', address: 'https://api.mistral.ai/v1', key: 'needed' },
  { kind: 'openrouter', name: 'OpenRouter', address: 'https://openrouter.ai/api/v1', key: 'needed' },
  { kind: 'huggingface', name: 'Hugging Face', address: 'https://router.huggingface.co/v1', key: 'needed' },
  {
    kind: 'runpod',
    name: 'RunPod',
    address: '',
    key: 'needed',
    options: [{ name: 'endpointId', needed: true }],
  },
  { kind: 'sandbox', name: 'Sandbox', address: '', key: 'none' },
];
