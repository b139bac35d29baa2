import type { ModelCall } from '../../core/call.ts';
import { estimateTextTokens, likelyInputTokens } from '../../core/count-tokens.ts';

/** The answer of a caller who does not say how long it may be. Most are shorter; what is longer is counted at its end. */
const usualOutputTokens = 500;

/** What a call will likely take before it is made. Counting tokens takes none. */
export function expectedTokens(call: ModelCall): { input: number; total: number } {
  switch (call.operation) {
    case 'count-tokens':
      return { input: 0, total: 0 };
    case 'embeddings': {
      let input = 0;
      for (const each of call.request.inputs)
        input += typeof each === 'string' ? estimateTextTokens(each) : each.length;
      return { input, total: input };
    }
    case 'chat': {
      const input = likelyInputTokens(call.request);
      const { maxOutputTokens = usualOutputTokens, n } = call.request;
      return { input, total: input + maxOutputTokens * Math.max(1, n) };
    }
  }
}
