import { anthropicMessagesInbound, anthropicMessagesOutbound } from './wire/anthropic-messages/index.ts';
import { bedrockConverseOutbound } from './wire/bedrock-converse/index.ts';
import { geminiInbound, geminiOutbound } from './wire/gemini/index.ts';
import { openaiChatInbound, openaiChatOutbound } from './wire/openai-chat/index.ts';
import { openaiResponsesInbound, openaiResponsesOutbound } from './wire/openai-responses/index.ts';

/** The protocols that callers speak. */
export const inboundWires = {
  'openai-chat': openaiChatInbound,
  'openai-responses': openaiResponsesInbound,
  'anthropic-messages': anthropicMessagesInbound,
  gemini: geminiInbound,
};

/** The protocols that providers speak. */
export const outboundWires = {
  'openai-chat': openaiChatOutbound,
  'openai-responses': openaiResponsesOutbound,
  'anthropic-messages': anthropicMessagesOutbound,
  gemini: geminiOutbound,
  'bedrock-converse': bedrockConverseOutbound,
};
