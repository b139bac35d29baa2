import { SandboxFault } from './fault.ts';

/** What a user message orders the sandbox to do; the table stands in `index.ts`. */
export interface Directives {
  fault?: SandboxFault;
  hang?: true;
  slowMs?: number;
  tokens?: number;
  length?: true;
  filter?: true;
  refuse?: true;
  cut?: true;
  streamError?: true;
}

const pattern = /sandbox:([a-z-]+)(?:=(\w+))?(?:@([\w-]+(?:[./][\w-]+)*))?/g;
const maxSlowMs = 600_000;
const maxTokens = 100_000;

/** Reads the directives of the last user message. One that ends in `@name` counts only for the model or provider of that name. */
export function readDirectives(text: string, addressees: readonly string[]): Directives {
  const directives: Directives = {};
  if (!text.includes('sandbox:')) return directives;
  for (const [, name, value = '', addressee] of text.matchAll(pattern)) {
    if (addressee !== undefined && !addressees.includes(addressee)) continue;
    switch (name) {
      case 'error':
        directives.fault = orderedFault(value);
        break;
      case 'slow':
        directives.slowMs = Math.min(Number(value) || 0, maxSlowMs);
        break;
      case 'tokens':
        directives.tokens = Math.min(Math.max(1, Number(value) || 1), maxTokens);
        break;
      case 'hang':
      case 'length':
      case 'filter':
      case 'refuse':
      case 'cut':
        directives[name] = true;
        break;
      case 'stream-error':
        directives.streamError = true;
    }
  }
  return directives;
}

/** The failure that `sandbox:stream-error` puts into a stream. */
export const streamFault = new SandboxFault(500, 'The sandbox failed in the middle of the answer, as it was told to.', {
  code: 'sandbox_stream_error',
});

const told = 'as the message told it to (sandbox:error).';

function orderedFault(value: string): SandboxFault {
  switch (value) {
    case 'timeout':
      return new SandboxFault(504, `The sandbox timed out, ${told}`, { code: 'timeout', type: 'timeout_error' });
    case 'quota':
      return new SandboxFault(429, `The sandbox is out of credit, ${told}`, {
        code: 'insufficient_quota',
        type: 'insufficient_quota',
      });
    case 'context':
      return new SandboxFault(400, `The sandbox finds the prompt longer than its context length, ${told}`, {
        code: 'context_length_exceeded',
        param: 'messages',
      });
  }
  const number = Number(value);
  const status = Number.isInteger(number) && number >= 400 && number <= 599 ? number : 500;
  if (status === 429)
    return new SandboxFault(429, `The sandbox limits the rate, ${told}`, {
      code: 'rate_limit_exceeded',
      type: 'rate_limit_error',
      retryAfterSeconds: 1,
    });
  if (status === 401) return new SandboxFault(401, `The sandbox refuses the key, ${told}`, { code: 'invalid_api_key' });
  return new SandboxFault(status, `The sandbox answers with status ${status}, ${told}`, { code: 'sandbox_error' });
}
