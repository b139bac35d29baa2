import { openAiCompatible } from './openai-compatible.ts';
import { isoDate } from './openai-models.ts';

/** What other servers added to the protocol and OpenAI answers with a 400. */
export const openAiRefuses = ['top_k', 'min_p', 'cache_control', 'audio_url', 'video_url', 'images'];

/** OpenAI itself: Chat and Responses. Another organisation or project goes into `headers` (openai-organization, openai-project). */
export const createOpenAiProvider = openAiCompatible({
  baseUrl: 'https://api.openai.com/v1',
  keyVariables: ['OPENAI_API_KEY'],
  wires: ['openai-chat', 'openai-responses'],
  catalogId: 'openai',
  quirks: { maxTokensField: 'max_completion_tokens', unsupportedFields: openAiRefuses },
  readModel({ created }) {
    const released = isoDate(created);
    return released === undefined ? {} : { released };
  },
});
