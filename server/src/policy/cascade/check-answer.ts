import type { AnswerChoice, ChatAnswer } from '../../core/chat-answer.ts';
import type { ChatRequest } from '../../core/chat-request.ts';
import type { JsonObject } from '../../core/json.ts';
import { type SchemaCheck, schemaCheckOf, unfenced } from '../../guard/schema-check.ts';

export interface AnswerDemands {
  /** The least mean log probability of an answer's tokens, where the provider tells them. */
  minLogprob: number;
}

/** How an answer declines, at its beginning; longer answers that open like this mostly go on to help. */
const declining =
  /^(?:i['’]?m (?:really )?sorry|sorry|i apologi[sz]e|unfortunately)?[,.\s]*(?:but )?(?:i|as an ai[^,]*, i) (?:can['’]?t|cannot|am unable to|am not able to|won['’]?t|don['’]?t know)/i;
const longestDeclining = 400;

/**
 * Why an answer is not good enough to be given when a stronger model could be asked, in a few words; undefined when nothing speaks
 * against it. It looks at form alone: a refusal, JSON that is none or does not fit its schema, tool calls that cannot be made, an
 * empty answer, an answer whose tokens were guesses.
 */
export function faultOfAnswer(
  { choices }: ChatAnswer,
  request: ChatRequest,
  demands: AnswerDemands,
): string | undefined {
  for (const choice of choices) {
    const fault = faultOfChoice(choice, request, demands);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfChoice(
  { parts, finish, logprobs }: AnswerChoice,
  { responseFormat, tools, stop }: ChatRequest,
  { minLogprob }: AnswerDemands,
): string | undefined {
  if (
    finish?.reason === 'refusal' ||
    finish?.reason === 'content-filter' ||
    parts.some(({ type }) => type === 'refusal')
  )
    return 'refused';
  if (finish?.reason === 'malformed-tool-call') return 'malformed tool call';
  let text = '';
  let calls = false;
  let other = false;
  for (const part of parts) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'tool-call') {
      calls = true;
      if (!tools.some((tool) => tool.type === 'function' && tool.name === part.name)) return 'unknown tool';
      if (!isJson(part.arguments)) return 'invalid arguments';
    } else if (part.type !== 'reasoning') other = true;
  }
  const said = text.trim();
  if (said === '' && !calls && !other && stop.length === 0) return 'empty';
  if (!calls && said.length <= longestDeclining && declining.test(said)) return 'refused';
  if (!calls && responseFormat && responseFormat.type !== 'text') {
    if (responseFormat.type === 'json' ? !isJson(unfenced(text)) : faultOfSchema(text, responseFormat.schema))
      return 'invalid JSON';
  }
  if (logprobs && logprobs.length > 0) {
    const mean = logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / logprobs.length;
    if (mean < minLogprob) return 'unsure';
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function faultOfSchema(text: string, schema: JsonObject): boolean {
  let check: SchemaCheck;
  try {
    check = schemaCheckOf(schema);
  } catch {
    // The provider may understand a schema that we do not; that it is JSON can be seen.
    return !isJson(unfenced(text));
  }
  return check(text) !== undefined;
}
