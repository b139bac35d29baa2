import { asArray, asNumber, asObject } from '../core/json.ts';
import { openAiCompatible } from './openai-compatible.ts';

/** Hugging Face's router over its inference providers. A model may name its provider: `org/model:provider`. */
export const createHuggingFaceProvider = openAiCompatible({
  baseUrl: 'https://router.huggingface.co/v1',
  keyVariables: ['HF_TOKEN'],
  catalogId: 'huggingface',
  embeddings: false,
  quirks: { noDeveloperRole: true, maxTokensField: 'max_tokens', unsupportedFields: ['cache_control', 'images'] },
  readModel(entry) {
    // Each provider serves the model with a window of its own; the router chooses, so only the least is sure.
    const windows = asArray(entry.providers).flatMap((item) => asNumber(asObject(item)?.context_length) ?? []);
    return { openWeights: true, ...(windows.length > 0 && { context: Math.min(...windows) }) };
  },
});
