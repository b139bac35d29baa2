export interface FaultFacts {
  param?: string;
  code?: string;
  type?: string;
  retryAfterSeconds?: number;
}

/** A request that the sandbox refuses, or a failure that was asked for. It leaves as OpenAI's error body. */
export class SandboxFault extends Error {
  override readonly name = 'SandboxFault';

  constructor(
    readonly status: number,
    message: string,
    readonly facts: FaultFacts = {},
  ) {
    super(message);
  }
}

/** A 400 that names the field at fault. */
export const invalid = (message: string, param: string, code = 'invalid_value'): SandboxFault =>
  new SandboxFault(400, message, { param, code });

/** `{error: {message, type, param, code}}`, as text: the body of an HTTP error and the data of a stream's error event. */
export function faultBody({ status, message, facts }: SandboxFault): string {
  const type = facts.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
  return JSON.stringify({ error: { message, type, param: facts.param ?? null, code: facts.code ?? null } });
}

export function faultResponse(fault: SandboxFault, headers: Record<string, string>): Response {
  const { retryAfterSeconds } = fault.facts;
  return new Response(faultBody(fault), {
    status: fault.status,
    headers: {
      ...headers,
      'content-type': 'application/json',
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    },
  });
}
