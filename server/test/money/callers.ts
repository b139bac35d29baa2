import { Agent, request } from 'node:http';

export interface Answered {
  status: number;
  requestId: string | undefined;
}

/** Callers who wait for nobody: each call has a connection of its own. An answer of status 0: the connection broke. */
export function createCallers() {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return {
    call(url: string, key: string, body: object): Promise<Answered> {
      const text = JSON.stringify(body);
      return new Promise((resolve) => {
        const broken = () => resolve({ status: 0, requestId: undefined });
        const sent = request(
          `${url}/v1/chat/completions`,
          {
            method: 'POST',
            agent,
            headers: {
              authorization: `Bearer ${key}`,
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(text),
            },
          },
          (answer) => {
            answer.resume();
            answer.on('error', broken);
            answer.on('aborted', broken);
            answer.on('end', () => {
              const requestId = answer.headers['x-sluice-request-id'];
              resolve({
                status: answer.statusCode ?? 0,
                requestId: typeof requestId === 'string' ? requestId : undefined,
              });
            });
          },
        );
        sent.on('error', broken);
        sent.end(text);
      });
    },
    close: () => agent.destroy(),
  };
}
