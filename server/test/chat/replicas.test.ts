import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { databaseTimeoutMs } from '../support/databases.ts';
import { canReplicate, type Replicas, sayWithoutReplicas, startReplicas } from '../support/replicas.ts';
import type { ServerProcess } from '../support/server-process.ts';

// Two real servers on one PostgreSQL and one Redis: an answer that one makes is read and stopped by way of the other.

setDefaultTimeout(databaseTimeoutMs);
sayWithoutReplicas('the tests of answers that are read on another replica');

let replicas: Replicas;
let maker: ServerProcess;
let other: ServerProcess;
let headers: Record<string, string>;
beforeAll(async () => {
  if (!canReplicate) return;
  replicas = await startReplicas(2, {
    config: 'providers:\n  slow: { kind: sandbox, options: { chunkDelayMs: 15 } }\n',
  });
  [maker, other] = replicas.servers as [ServerProcess, ServerProcess];
  const made = await maker.ask('/api/v1/keys', {
    method: 'POST',
    body: JSON.stringify({ name: 'chat', role: 'member', userId: null }),
  });
  headers = {
    authorization: `Bearer ${((await made.json()) as { key: string }).key}`,
    'content-type': 'application/json',
  };
}, databaseTimeoutMs);
afterAll(async () => {
  await replicas?.stop();
});

interface Begun {
  messageId: string;
  messageMetadata: { conversationId: string };
}

/** Asks one server, reads the beginning of the answer, and goes away. */
async function begin(): Promise<Begun> {
  const left = new AbortController();
  const response = await fetch(`${await maker.url}/api/v1/chat`, {
    method: 'POST',
    headers,
    signal: left.signal,
    body: JSON.stringify({
      message: 'Write a long essay about tides, in thirty paragraphs.',
      model: 'slow/sandbox-large',
    }),
  });
  const reader = response.body!.getReader();
  let text = '';
  while (!text.includes('text-delta')) text += new TextDecoder().decode((await reader.read()).value);
  left.abort();
  return JSON.parse(text.slice('data: '.length).split('\n')[0]!) as Begun;
}

const said = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.includes('"text-delta"'))
    .map((line) => (JSON.parse(line.slice('data: '.length)) as { delta: string }).delta)
    .join('');

describe.skipIf(!canReplicate)('an answer that another replica makes', () => {
  test('is read from its beginning to its end, as it will be kept', async () => {
    const { messageId, messageMetadata } = await begin();
    const response = await fetch(`${await other.url}/api/v1/chat/${messageMetadata.conversationId}/stream`, {
      headers,
    });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toContain(messageId);
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    const whole = await fetch(`${await other.url}/api/v1/conversations/${messageMetadata.conversationId}`, { headers });
    const { messages } = (await whole.json()) as {
      messages: { id: string; state: string; parts: { text: string }[] }[];
    };
    const kept = messages.find(({ id }) => id === messageId)!;
    expect(kept.state).toBe('done');
    expect(said(text)).toBe(kept.parts[0]!.text);
  });

  test('ends when it is stopped here', async () => {
    const { messageId } = await begin();
    const reading = fetch(`${await other.url}/api/v1/chat/${messageId}/stream`, { headers }).then((response) =>
      response.text(),
    );
    const stopped = await fetch(`${await other.url}/api/v1/chat/${messageId}/stop`, { method: 'POST', headers });
    expect(stopped.status).toBe(204);
    const text = await reading;
    expect(text).toContain('"type":"abort"');
  });

  test('is called interrupted when its maker dies, and what there was of it is kept', async () => {
    const { messageId, messageMetadata } = await begin();
    const here = `${await other.url}/api/v1/conversations/${messageMetadata.conversationId}`;
    const read = async () => {
      const { messages } = (await (await fetch(here, { headers })).json()) as {
        messages: { id: string; state: string; parts: unknown[] }[];
      };
      return messages.find(({ id }) => id === messageId)!;
    };
    // Its maker writes what there is about every second.
    while ((await read()).parts.length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
    await maker.end('SIGKILL');
    while ((await read()).state === 'generating') await new Promise((resolve) => setTimeout(resolve, 500));
    const { state, parts } = await read();
    expect(state).toBe('interrupted');
    expect(parts.length).toBe(1);
  }, 200_000);
});
