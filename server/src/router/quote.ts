import type { ModelCall } from '../core/call.ts';
import type { ChatRequest, Part } from '../core/chat-request.ts';
import { likelyInputTokens } from '../core/count-tokens.ts';
import type { ModelInfo } from '../core/model-info.ts';
import { costNanos, type ListPrice, usdToNanos } from '../core/money.ts';
import type { Quote } from '../core/quote.ts';
import type { Deployment } from '../core/target.ts';
import { type Usage, usageOf } from '../core/usage.ts';

export interface QuoterDeps {
  priceFor(model: ModelInfo, usage: Usage, atMs: number): ListPrice | undefined;
  /** The answer's length that is reckoned with when a call does not bound it, in tokens. */
  defaultOutputTokens(): number;
}

/** Estimates of the input err by up to a half (digits, base64): the worst case takes them twice. */
const inputMargin = 2;
const bytesPerToken = 3;

/** Says what a call may come to at each place that could answer it, in the order of trying. */
export function createQuoter({ priceFor, defaultOutputTokens }: QuoterDeps) {
  return (call: ModelCall, deployments: readonly Deployment[], atMs: number): Quote[] => {
    const input = inputOf(call);
    const wanted = outputWanted(call);
    return deployments.map(({ id, info }) => {
      const most = Math.min(wanted.tokens ?? defaultOutputTokens(), info.maxOutput ?? Number.POSITIVE_INFINITY);
      const outputTokens = wanted.choices * most;
      const worst = usageOf({ input: inputMargin * input.tokens * wanted.choices, output: outputTokens });
      const price = dearest(priceFor(info, worst, atMs), input, wanted.audio);
      return {
        deployment: id,
        inputTokens: input.tokens,
        outputTokens,
        worstTokens: worst.input + worst.output,
        worstNanos: costNanos(worst, price),
        inputNanos: costNanos(usageOf({ input: input.tokens }), price),
        blendedNanos: blendedNanos(info.price),
      };
    });
  };
}

export type Quoter = ReturnType<typeof createQuoter>;

/** Nano-dollars per million tokens at three tokens of input to one of output; null when a price is unknown. */
export const blendedNanos = (price: ListPrice | undefined): number | null =>
  price?.input === undefined || price.output === undefined ? null : usdToNanos((3 * price.input + price.output) / 4);

interface Input {
  tokens: number;
  /** It may be written to a prompt cache, which is dearer than reading it. */
  cacheable: boolean;
  audio: boolean;
}

function inputOf(call: ModelCall): Input {
  if (call.operation === 'embeddings') {
    const tokens = call.request.inputs.reduce(
      (sum, text) =>
        sum + (typeof text === 'string' ? Math.ceil(Buffer.byteLength(text) / bytesPerToken) : text.length),
      0,
    );
    return { tokens, cacheable: false, audio: false };
  }
  return { tokens: likelyInputTokens(call.request), ...traitsOf(call.request) };
}

function traitsOf({ messages, tools }: ChatRequest): Pick<Input, 'cacheable' | 'audio'> {
  let cacheable = tools.some((tool) => tool.type === 'function' && tool.cache !== undefined);
  let audio = false;
  for (const { parts } of messages) {
    for (const part of parts as Part[]) {
      if ('cache' in part && part.cache) cacheable = true;
      if (part.type === 'audio') audio = true;
    }
  }
  return { cacheable, audio };
}

function outputWanted(call: ModelCall): { tokens: number | undefined; choices: number; audio: boolean } {
  if (call.operation !== 'chat') return { tokens: 0, choices: 1, audio: false };
  const { maxOutputTokens, n, modalities } = call.request;
  return { tokens: maxOutputTokens, choices: Math.max(1, n), audio: modalities?.includes('audio') ?? false };
}

/** The price with every token of input and of output at the dearest rate that it may be billed at. */
function dearest(price: ListPrice | undefined, { cacheable, audio }: Input, audioOut: boolean): ListPrice | undefined {
  if (!price || (!cacheable && !audio && !audioOut)) return price;
  const highest = (...prices: (number | undefined)[]) => {
    const known = prices.filter((each) => each !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  };
  const { input, output, cacheWrite, cacheWrite1h, audioInput, audioOutput } = price;
  return {
    input:
      input === undefined
        ? undefined
        : highest(input, audio ? audioInput : undefined, ...(cacheable ? [cacheWrite, cacheWrite1h] : [])),
    output: output === undefined ? undefined : highest(output, audioOut ? audioOutput : undefined),
  };
}
