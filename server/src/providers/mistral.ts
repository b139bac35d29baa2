import { openAiCompatible } from './openai-compatible.ts';

/**
 * Mistral's platform. It answers 422 to every field it does not know, `stream_options` and `messages[].name` included (usage
 * always comes with the last chunk), and wants tool call ids of nine letters and digits.
 */
export const createMistralProvider = openAiCompatible({
  baseUrl: 'https://api.mistral.ai/v1',
  keyVariables: ['MISTRAL_API_KEY'],
  catalogId: 'mistral',
  quirks: {
    maxTokensField: 'max_tokens',
    noDeveloperRole: true,
    toolCallId: 'alphanumeric-9',
    reasoningField: 'none',
    unsupportedFields: [
      'allowed_tools',
      'audio',
      'audio_url',
      'cache_control',
      'file',
      'images',
      'logit_bias',
      'logprobs',
      'messages[].name',
      'min_p',
      'modalities',
      'prompt_cache_key',
      'safety_identifier',
      'seed',
      'service_tier',
      'store',
      'stream_options',
      'top_k',
      'top_logprobs',
      'user',
      'verbosity',
      'video_url',
    ],
  },
});
