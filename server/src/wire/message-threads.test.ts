import { expect, test } from 'bun:test';
import { toSluiceError } from '../core/sluice-error.ts';
import { anthropicMessagesInbound, anthropicMessagesOutbound } from './anthropic-messages/index.ts';
import { bedrockConverseOutbound } from './bedrock-converse/index.ts';
import { geminiOutbound } from './gemini/index.ts';
import { openaiChatOutbound } from './openai-chat/index.ts';
import { openaiResponsesOutbound } from './openai-responses/index.ts';

const asked = (thread: unknown) =>
  anthropicMessagesInbound.parseRequest({
    model: 'm',
    max_tokens: 10,
    messages: [{ role: 'user', content: 'And then?' }],
    thread,
  });
const threads = [{ type: 'create' }, { type: 'continue', previous_message_id: 'msg_1' }];

for (const wire of [openaiChatOutbound, openaiResponsesOutbound, geminiOutbound, bedrockConverseOutbound]) {
  test(`${wire.name} refuses a message thread in the words that the SDK understands, and takes none at all`, () => {
    for (const thread of threads) {
      let thrown: unknown;
      try {
        wire.buildRequest(asked(thread), { upstream: 'm' }, {});
      } catch (error) {
        thrown = error;
      }
      const error = toSluiceError(thrown);
      expect(error).toMatchObject({ code: 'unsupported_capability', status: 400 });
      expect(anthropicMessagesInbound.buildError(error, 'req_1').error).toMatchObject({
        type: 'invalid_request_error',
        details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
      });
    }
    expect(() => wire.buildRequest(asked(null), { upstream: 'm' }, {})).not.toThrow();
  });
}

test('Anthropic itself gets the thread', () => {
  for (const thread of threads)
    expect(anthropicMessagesOutbound.buildRequest(asked(thread), { upstream: 'm' }, {}).body.thread).toEqual(thread);
});
