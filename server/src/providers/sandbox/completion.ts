import type { JsonObject } from '../../core/json.ts';
import type { ChatInput } from './chat-input.ts';
import { streamFault } from './directive.ts';
import { faultBody } from './fault.ts';
import { type TokenLikelihood, tokenLikelihoods } from './logprobs.ts';
import type { PlannedChoice } from './plan-choice.ts';

/** An answer with everything said in it, before it is written as one JSON body or as a stream of chunks. */
export interface Completion {
  id: string;
  createdSeconds: number;
  input: ChatInput;
  promptTokens: number;
  choices: PlannedChoice[];
}

/** The body of a `chat.completion`. */
export function completionBody(completion: Completion): JsonObject {
  return {
    ...head(completion, 'chat.completion'),
    choices: completion.choices.map((choice) => ({
      index: choice.index,
      message: messageOf(choice),
      logprobs: wholeLogprobs(choice, completion.input.topLogprobs),
      finish_reason: choice.finish,
      ...stopReason(choice),
    })),
    usage: usageOf(completion),
  };
}

/**
 * The `data` of each event of the stream, `[DONE]` last: for every choice its role, then one event for each token of the
 * thoughts, the text and the calls' arguments, then its finish. Several choices take turns, as they do at OpenAI.
 */
export function* completionChunks(
  completion: Completion,
  fails: 'never' | 'cut' | 'error' = 'never',
): Generator<string> {
  const { input } = completion;
  const usageSoFar = input.includeUsage ? { usage: null } : {};
  // The chunks of one answer differ only in their choices, so the rest is made once.
  const start = JSON.stringify({ ...head(completion, 'chat.completion.chunk'), ...usageSoFar }).slice(0, -1);
  const sources = completion.choices.map((choice) => choiceChunks(choice, input.topLogprobs));
  let written = 0;
  while (sources.length > 0) {
    for (const source of [...sources]) {
      const next = source.next();
      if (next.done) {
        sources.splice(sources.indexOf(source), 1);
        continue;
      }
      if (fails !== 'never' && written++ === eventsBeforeFailure) {
        if (fails === 'error') yield faultBody(streamFault);
        return;
      }
      yield `${start},"choices":[${next.value}]}`;
    }
  }
  if (input.includeUsage) {
    yield JSON.stringify({ ...head(completion, 'chat.completion.chunk'), choices: [], usage: usageOf(completion) });
  }
  yield '[DONE]';
}

const eventsBeforeFailure = 3;

function* choiceChunks(choice: PlannedChoice, top: number | undefined): Generator<string> {
  const { index } = choice;
  const chunk = (delta: JsonObject, finish: string | null = null, logprobs: unknown = null) =>
    JSON.stringify({ index, delta, logprobs, finish_reason: finish, ...(finish !== null && stopReason(choice)) });
  const nothing = choice.calls.length > 0 || choice.refusal.length > 0;
  yield chunk({ role: 'assistant', content: nothing ? null : '', refusal: null });
  for (const token of choice.reasoning) yield chunk({ reasoning_content: token });
  const likelihoods = top === undefined ? undefined : tokenLikelihoods([...choice.content, ...choice.refusal], top);
  for (const [position, content] of choice.content.entries())
    yield chunk({ content }, null, likelihoods && { content: [likelihoods[position]], refusal: null });
  for (const [position, refusal] of choice.refusal.entries())
    yield chunk({ refusal }, null, likelihoods && { content: null, refusal: [likelihoods[position]] });
  for (const [position, call] of choice.calls.entries()) {
    yield chunk({
      tool_calls: [{ index: position, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }],
    });
    for (const token of call.arguments)
      yield chunk({ tool_calls: [{ index: position, function: { arguments: token } }] });
  }
  yield chunk({}, choice.finish);
}

/** Which stop sequence ended the text, in the field that vLLM made known; OpenAI does not say. */
const stopReason = ({ stopped }: PlannedChoice): JsonObject => (stopped === undefined ? {} : { stop_reason: stopped });

function head({ id, createdSeconds, input }: Completion, object: string): JsonObject {
  const { serviceTier } = input;
  return {
    id,
    object,
    created: createdSeconds,
    model: input.model.id,
    // OpenAI answers `auto` with the tier that it chose.
    ...(serviceTier !== undefined && { service_tier: serviceTier === 'auto' ? 'default' : serviceTier }),
    system_fingerprint: 'sandbox',
  };
}

function messageOf(choice: PlannedChoice): JsonObject {
  const empty = choice.content.length === 0 && (choice.calls.length > 0 || choice.refusal.length > 0);
  return {
    role: 'assistant',
    content: empty ? null : choice.content.join(''),
    refusal: choice.refusal.length > 0 ? choice.refusal.join('') : null,
    ...(choice.reasoning.length > 0 && { reasoning_content: choice.reasoning.join('') }),
    ...(choice.calls.length > 0 && {
      tool_calls: choice.calls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.arguments.join('') },
      })),
    }),
    annotations: [],
  };
}

function wholeLogprobs(choice: PlannedChoice, top: number | undefined): JsonObject | null {
  if (top === undefined) return null;
  const list = (tokens: string[]): TokenLikelihood[] | null =>
    tokens.length > 0 ? tokenLikelihoods(tokens, top) : null;
  return { content: list(choice.content), refusal: list(choice.refusal) };
}

function usageOf({ promptTokens, choices }: Completion): JsonObject {
  const sum = (count: (choice: PlannedChoice) => number) => choices.reduce((total, choice) => total + count(choice), 0);
  const completionTokens = sum((choice) => choice.completionTokens);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: sum((choice) => choice.reasoning.length),
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
