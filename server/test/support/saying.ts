import type { JsonObject } from '../../src/core/json.ts';
import type { Recording } from '../replayer/recording.ts';

/** An answer of OpenAI's with 10 tokens in and 10 out, in one piece and as a stream of its words. */
export function saying(text: string, finish_reason = 'stop'): Recording {
  const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
  const message = { role: 'assistant', content: text };
  const choices = [{ index: 0, message, finish_reason }];
  const whole = { id: 'c1', object: 'chat.completion', created: 1, model: 'm', choices, usage };
  const chunk = (fields: JsonObject) =>
    JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', ...fields });
  return {
    name: text,
    wire: 'openai-chat',
    body: new TextEncoder().encode(JSON.stringify(whole)),
    events: [
      chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }),
      ...text.split(' ').map((word) => chunk({ choices: [{ index: 0, delta: { content: `${word} ` } }] })),
      chunk({ choices: [{ index: 0, delta: {}, finish_reason }] }),
      chunk({ choices: [], usage }),
    ],
  };
}
