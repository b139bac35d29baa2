import type { JsonObject } from '../../core/json.ts';
import { readChatInput } from './chat-input.ts';
import { type Completion, completionBody, completionChunks } from './completion.ts';
import { readDirectives } from './directive.ts';
import { invalid, SandboxFault } from './fault.ts';
import { planChoices } from './plan-choice.ts';
import { countPromptTokens } from './prompt-tokens.ts';
import { type StreamPace, streamBody } from './stream-body.ts';

export interface ChatDeps extends StreamPace {
  /** The provider's id in the configuration: `sandbox:error=500@id` means only this one. */
  providerId: string;
  nowSeconds(): number;
  newId(prefix: string): string;
}

/** Answers a Chat Completions body. Throws `SandboxFault`, and the signal's reason when the caller hangs up while it waits. */
export async function answerChat(
  body: JsonObject,
  upstream: string,
  signal: AbortSignal,
  deps: ChatDeps,
): Promise<Response> {
  const input = readChatInput(body, upstream);
  const lastWords = input.turns.findLast((turn) => turn.role === 'user')?.text ?? '';
  const directives = readDirectives(lastWords, [input.model.id, deps.providerId]);
  if (directives.slowMs) await deps.sleep(directives.slowMs, signal);
  if (directives.hang) await untilAborted(signal);
  if (directives.fault) throw directives.fault;

  const promptTokens = countPromptTokens(input);
  if (promptTokens >= input.model.context)
    throw new SandboxFault(
      400,
      `This model's maximum context length is ${input.model.context} tokens, and the messages are ${promptTokens} tokens long.`,
      { param: 'messages', code: 'context_length_exceeded' },
    );
  if (directives.tokens !== undefined && directives.tokens * input.choices > mostOrderedTokens)
    throw invalid(`The sandbox writes at most ${mostOrderedTokens} ordered tokens.`, 'messages');
  const completion: Completion = {
    id: deps.newId('chatcmpl-'),
    createdSeconds: deps.nowSeconds(),
    input,
    promptTokens,
    choices: planChoices(input, directives, promptTokens, deps.newId),
  };
  const headers = { 'x-request-id': deps.newId('req_'), 'x-sandbox': input.model.id };
  if (input.stream) {
    const fails = directives.cut ? 'cut' : directives.streamError ? 'error' : 'never';
    const chunks = completionChunks(completion, fails);
    return new Response(streamBody(chunks, deps, signal), {
      headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    });
  }
  const text = JSON.stringify(completionBody(completion));
  return new Response(directives.cut ? text.slice(0, text.length / 2) : text, {
    headers: { ...headers, 'content-type': 'application/json' },
  });
}

const mostOrderedTokens = 100_000;

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
