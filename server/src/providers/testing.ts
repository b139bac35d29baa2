import type { Egress, OutgoingRequest, Provider, ProviderCall } from './provider.ts';

/** A chat call as the gateway would make it, for tests. */
export function callOf(provider: Provider, over: Partial<ProviderCall> = {}): ProviderCall {
  return {
    operation: 'chat',
    wire: provider.wires[0]!,
    upstream: 'some-model',
    stream: false,
    body: '{"model":"some-model"}',
    credential: provider.credentials[0]!,
    passHeaders: {},
    ...over,
  };
}

export interface FakeEgress {
  egress: Egress;
  /** What was sent, in order. */
  sent: OutgoingRequest[];
}

/** An egress that answers from a table of address -> body (an object, or a Response), and 404 to anything else. */
export function fakeEgress(answers: Record<string, unknown>): FakeEgress {
  const sent: OutgoingRequest[] = [];
  return {
    sent,
    async egress(request) {
      sent.push(request as OutgoingRequest);
      if (!Object.hasOwn(answers, request.url)) return new Response('{"error":"no such address"}', { status: 404 });
      const answer = answers[request.url];
      return answer instanceof Response ? answer : Response.json(answer);
    },
  };
}

export const noSignal = (): AbortSignal => new AbortController().signal;

/** The error that `act` throws or rejects with. */
export async function thrownBy(act: () => unknown): Promise<unknown> {
  try {
    await act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
