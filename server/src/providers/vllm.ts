import { openAiCompatible } from './openai-compatible.ts';

/** A vLLM server; a key only where it was started with `--api-key`. */
export const createVllmProvider = openAiCompatible({
  baseUrl: 'http://127.0.0.1:8000/v1',
  keyVariables: ['VLLM_API_KEY'],
  keyOptional: true,
  quirks: {
    noDeveloperRole: true,
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning_content',
    unsupportedFields: ['cache_control', 'file', 'images'],
  },
});
