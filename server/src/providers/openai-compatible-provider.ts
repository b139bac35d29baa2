import { openAiCompatible } from './openai-compatible.ts';

/** Any server of OpenAI's protocol: the address from `baseUrl`, everything that is odd about it from `options.quirks`. */
export const createOpenAiCompatibleProvider = openAiCompatible({
  keyOptional: true,
  quirks: { noDeveloperRole: true, maxTokensField: 'max_tokens', unsupportedFields: ['cache_control', 'images'] },
});
