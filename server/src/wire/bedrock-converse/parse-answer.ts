import type { ChatEvent } from '../../core/chat-event.ts';
import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { type AnswerReader, createAnswerReader } from './answer-reader.ts';

/** A Converse answer as events. Throws `upstream_invalid_answer` when there is no message in it. */
export function parseAnswer(body: unknown): ChatEvent[] {
  const answer = asObject(body);
  const message = asObject(asObject(answer?.output)?.message);
  if (!answer || !message) {
    throw new SluiceError('upstream_invalid_answer', 'Bedrock answered without a message.', { cause: body });
  }
  const reader = createAnswerReader();
  asArray(message.content).forEach((entry, index) => {
    const block = asObject(entry);
    if (block) readBlock(reader, block, index);
  });
  reader.messageStop(answer);
  const usage = asObject(answer.usage);
  if (usage) reader.usage(usage);
  return [{ type: 'start' }, ...reader.take()];
}

/** A whole block, told the way the stream tells it. */
function readBlock(reader: AnswerReader, block: JsonObject, index: number): void {
  const reasoning = asObject(block.reasoningContent);
  const toolUse = asObject(block.toolUse);
  const toolResult = asObject(block.toolResult);
  const cited = asObject(block.citationsContent);
  const image = asObject(block.image);
  if (typeof block.text === 'string') reader.blockDelta(index, { text: block.text });
  else if (reasoning) {
    const delta = asObject(reasoning.reasoningText) ?? { redactedContent: asString(reasoning.redactedContent) };
    reader.blockDelta(index, { reasoningContent: delta });
  } else if (toolUse) {
    reader.blockStart(index, { toolUse });
    const { input } = toolUse;
    const empty = input === undefined || input === null || input === '';
    const text = typeof input === 'string' ? input : JSON.stringify(input);
    if (!empty) reader.blockDelta(index, { toolUse: { input: text } });
  } else if (toolResult) {
    reader.blockStart(index, { toolResult });
    reader.blockDelta(index, { toolResult: toolResult.content });
  } else if (cited) {
    for (const entry of asArray(cited.content))
      reader.blockDelta(index, { text: asString(asObject(entry)?.text) ?? '' });
    for (const citation of asArray(cited.citations)) reader.blockDelta(index, { citation });
  } else if (image) {
    reader.blockStart(index, { image });
    reader.blockDelta(index, { image });
  }
  reader.blockStop(index);
}
