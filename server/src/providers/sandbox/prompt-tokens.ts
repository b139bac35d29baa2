import { attachmentTokens } from './attachment.ts';
import type { ChatInput } from './chat-input.ts';
import { countTokens } from './tokenizer.ts';

// Each message is wrapped in a start, a role and an end; the answer is primed with three tokens more.
const tokensPerMessage = 4;
const tokensOfPrimer = 3;

/** Tokens of the whole prompt: messages, attachments, tools and the answer's schema. */
export function countPromptTokens({ turns, tools, format }: ChatInput): number {
  let tokens = tokensOfPrimer;
  for (const turn of turns) {
    tokens +=
      tokensPerMessage + countTokens(turn.text) + countTokens(turn.reasoning ?? '') + countTokens(turn.name ?? '');
    for (const call of turn.calls) tokens += countTokens(call.name) + countTokens(call.arguments);
    for (const attachment of turn.attachments) tokens += attachmentTokens(attachment, countTokens);
  }
  for (const tool of tools)
    tokens +=
      tokensPerMessage +
      countTokens(tool.name) +
      countTokens(tool.description) +
      countTokens(JSON.stringify(tool.parameters));
  if (format.type === 'json-schema') tokens += countTokens(JSON.stringify(format.schema));
  return tokens;
}
