import type { ChatInput } from './chat-input.ts';
import type { Directives } from './directive.ts';
import { composeJson } from './json-answer.ts';
import { hashText, pick } from './random.ts';
import { composeReasoning } from './reasoning.ts';
import { createAsk } from './text/ask.ts';
import { composeText } from './text/compose-text.ts';
import { splitTokens } from './tokenizer.ts';
import { chooseCalls } from './tools/choose-calls.ts';

export interface PlannedCall {
  id: string;
  name: string;
  arguments: string[];
}

/** One choice, cut into tokens: everything that the JSON answer and the stream say of it. */
export interface PlannedChoice {
  index: number;
  reasoning: string[];
  content: string[];
  refusal: string[];
  calls: PlannedCall[];
  finish: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  /** The stop sequence that ended the text. */
  stopped?: string;
  completionTokens: number;
}

const fillers = [' sand', ' water', ' gate', ' stream', ' stone', ' river', ' light', ' wheel'];
const refusals = [
  "I'm sorry, but I can't help with that: the message asked the sandbox to refuse.",
  'I will not answer this one, because the message asked the sandbox to refuse.',
];

/** Plans all choices. `newId` makes the ids of tool calls; nothing else differs between two plans of the same input. */
export function planChoices(
  input: ChatInput,
  directives: Directives,
  promptTokens: number,
  newId: (prefix: string) => string,
): PlannedChoice[] {
  const room = Math.max(0, input.model.context - promptTokens);
  const limit = Math.min(input.maxTokens ?? Infinity, input.model.maxOutput, room);
  const seed = input.seed === 0 ? 0 : hashText(String(input.seed)) % 1_000_000;
  const said = new Set<string>();
  return Array.from({ length: input.choices }, (_, index) => {
    const draft = draftChoice(input, directives, seed + index, newId);
    if (draft.varies && said.has(draft.content)) draft.content += ` (choice ${index + 1})`;
    said.add(draft.content);
    return cutToLimit(index, draft, input, directives, limit);
  });
}

interface Draft {
  reasoning: string;
  content: string;
  refusal: string;
  calls: { id: string; name: string; arguments: string }[];
  /** Plain words, which should differ from those of the other choices. */
  varies: boolean;
}

function draftChoice(
  input: ChatInput,
  directives: Directives,
  variation: number,
  newId: (prefix: string) => string,
): Draft {
  const draft: Draft = { reasoning: '', content: '', refusal: '', calls: [], varies: false };
  const ask = createAsk(input, variation);
  if (directives.refuse || /\bplease refuse\b|\brefuse (?:to answer|this (?:request|message))\b/.test(ask.lower))
    return { ...draft, refusal: pick(refusals, variation) };
  if (directives.tokens !== undefined) {
    const words = Array.from({ length: directives.tokens }, (_, index) => pick(fillers, variation + index));
    return { ...draft, content: words.join('') };
  }
  draft.calls = chooseCalls(input, variation).map((call) => ({ id: newId('call_'), ...call }));
  if (draft.calls.length > 0) return { ...draft, reasoning: composeReasoning(ask, `call ${draft.calls[0]!.name}`) };

  const plain = input.format.type === 'text';
  const reply = composeText(plain ? ask : { ...ask, brief: true });
  draft.content = plain ? (reply.exact ? reply.text : `[sandbox ${input.model.size}] ${reply.text}`) : '';
  if (input.format.type !== 'text') draft.content = composeJson(ask, input.format, reply);
  return { ...draft, reasoning: composeReasoning(ask, reply.text), varies: plain && !reply.exact };
}

/** Applies stop sequences, then the token limit; thoughts may use up at most half of it, so that an answer is seen. */
function cutToLimit(
  index: number,
  draft: Draft,
  input: ChatInput,
  directives: Directives,
  limit: number,
): PlannedChoice {
  const { text, stopped } = cutAtStop(draft.content, input.stop);
  const content = splitTokens(text);
  const budget = directives.length ? Math.min(limit, Math.ceil(content.length / 2)) : limit;
  const reasoning = splitTokens(draft.reasoning).slice(0, Math.floor(budget / 2));
  let left = budget - reasoning.length;
  const take = (tokens: string[]): string[] => {
    const taken = tokens.length <= left ? tokens : tokens.slice(0, left);
    left -= taken.length;
    return taken;
  };
  const refusal = splitTokens(draft.refusal);
  const planned = { index, reasoning, content: take(content), refusal: take(refusal), calls: [] as PlannedCall[] };
  let cut =
    planned.content.length < content.length || planned.refusal.length < refusal.length || directives.length === true;
  for (const call of draft.calls) {
    const name = splitTokens(call.name).length;
    if (name > left) {
      cut = true;
      break;
    }
    left -= name;
    const tokens = splitTokens(call.arguments);
    const args = take(tokens);
    planned.calls.push({ id: call.id, name: call.name, arguments: args });
    if (args.length < tokens.length) cut = true;
  }
  const finish = directives.filter
    ? 'content_filter'
    : cut
      ? 'length'
      : planned.calls.length > 0
        ? 'tool_calls'
        : 'stop';
  const ended = stopped !== undefined && finish === 'stop';
  return { ...planned, finish, ...(ended && { stopped }), completionTokens: budget - left };
}

/** The text up to the first of the stop sequences in it, and which that is. */
function cutAtStop(text: string, stop: readonly string[]): { text: string; stopped?: string } {
  let end = text.length;
  let stopped: string | undefined;
  for (const word of stop) {
    const at = text.indexOf(word);
    if (at === -1 || at >= end) continue;
    end = at;
    stopped = word;
  }
  return { text: text.slice(0, end), ...(stopped !== undefined && { stopped }) };
}
