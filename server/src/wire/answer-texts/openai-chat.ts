import { asArray, asNumber, isObject, type JsonObject } from '../../core/json.ts';
import { createFound, type Found } from './slot.ts';

/** The texts of a chat completion, whole or one chunk of it. */
export function openaiChatTexts(answer: JsonObject): Found {
  const found = createFound();
  for (const each of asArray(answer.choices)) {
    if (!isObject(each)) continue;
    const choice = asNumber(each.index) ?? 0;
    const whole = isObject(each.message);
    const message = whole ? each.message : each.delta;
    if (isObject(message)) readMessage(message, choice, whole, each, found);
    if (typeof each.finish_reason === 'string') found.end(choice);
  }
  return found;
}

function readMessage(
  message: JsonObject,
  choice: number,
  whole: boolean,
  holder: JsonObject,
  found: ReturnType<typeof createFound>,
): void {
  // Log probabilities spell the text token by token.
  const dropLogprobs = () => {
    if (holder.logprobs) holder.logprobs = null;
  };
  const text = { kind: 'text', choice, part: '', whole } as const;
  const reasoning = { kind: 'reasoning', choice, part: '', whole } as const;
  found.add(message, 'reasoning_content', reasoning);
  found.add(message, 'reasoning', { ...reasoning, part: 'reasoning' });
  for (const detail of asArray(message.reasoning_details)) {
    if (!isObject(detail)) continue;
    found.add(detail, 'text', { ...reasoning, part: 'details' });
    found.add(detail, 'summary', { ...reasoning, part: 'summary' });
  }
  found.add(message, 'content', text, dropLogprobs);
  for (const part of asArray(message.content)) {
    if (!isObject(part)) continue;
    found.add(part, 'text', text, dropLogprobs);
    for (const thought of asArray(part.thinking)) if (isObject(thought)) found.add(thought, 'text', reasoning);
  }
  found.add(message, 'refusal', { ...text, part: 'refusal' }, dropLogprobs);
  if (isObject(message.audio)) found.add(message.audio, 'transcript', { ...text, part: 'transcript' });
  asArray(message.tool_calls).forEach((call, at) => {
    if (!isObject(call)) return;
    const part = String(asNumber(call.index) ?? at);
    found.begun.push({ kind: 'arguments', choice });
    if (isObject(call.function)) found.add(call.function, 'arguments', { kind: 'arguments', choice, part, whole });
    if (isObject(call.custom)) found.add(call.custom, 'input', { kind: 'arguments', choice, part, whole });
  });
  if (isObject(message.function_call))
    found.add(message.function_call, 'arguments', { kind: 'arguments', choice, part: 'function', whole });
}
