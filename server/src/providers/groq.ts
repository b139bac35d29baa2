import { openAiCompatible } from './openai-compatible.ts';

/**
 * Groq (https://console.groq.com/docs/openai). It answers 400 to the fields that its page names, and its reference lists
 * none of the others.
 */
export const createGroqProvider = openAiCompatible({
  baseUrl: 'https://api.groq.com/openai/v1',
  keyVariables: ['GROQ_API_KEY'],
  catalogId: 'groq',
  embeddings: false,
  quirks: {
    maxTokensField: 'max_completion_tokens',
    noDeveloperRole: true,
    reasoningField: 'reasoning',
    unsupportedFields: [
      'allowed_tools',
      'audio',
      'audio_url',
      'cache_control',
      'file',
      'images',
      'input_audio',
      'logit_bias',
      'logprobs',
      'messages[].name',
      'metadata',
      'min_p',
      'modalities',
      'n',
      'prompt_cache_key',
      'store',
      'top_k',
      'top_logprobs',
      'verbosity',
      'video_url',
    ],
  },
});
