import { afterAll, beforeAll, expect, test } from 'bun:test';
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from 'ai';
import type { ChatMessage } from '../../../shared/src/chat.ts';
import type { Browser } from '../support/browser.ts';
import { type LoginGateway, loginGateway } from '../support/login.ts';

let gateway: LoginGateway;
let ada: Browser;
beforeAll(async () => {
  gateway = await loginGateway({
    config: {
      providers: { sandbox: { kind: 'sandbox' }, slow: { kind: 'sandbox', options: { chunkDelayMs: 5 } } },
    },
  });
  ada = await gateway.loggedIn('ada@example.com');
});
afterAll(() => gateway.stop());

interface Whole {
  id: string;
  headId: string;
  title: string;
  costUsd: string;
  messages: ChatMessage[];
}
const whole = async (id: string): Promise<Whole> =>
  (await (await ada.get(`/api/v1/conversations/${id}`)).json()) as Whole;

test('a message begins a conversation, and its answer says what it cost, why this model, and what it saved', async () => {
  const response = await ada.post('/api/v1/chat', { message: 'What is the capital of France?', stream: false });
  expect(response.status).toBe(200);
  const answer = (await response.json()) as {
    id: string;
    conversationId: string;
    content: string;
    metadata: Record<string, unknown>;
  };
  expect(answer.content.length).toBeGreaterThan(3);
  expect(answer.metadata).toMatchObject({ asked: 'auto', finish: 'stop' });
  for (const fact of ['model', 'route', 'requestId', 'costUsd', 'savedUsd', 'latencyMs', 'inputTokens']) {
    expect(answer.metadata[fact]).toBeDefined();
  }
  const { title, messages, headId, costUsd } = await whole(answer.conversationId);
  expect(title).toBe('What is the capital of France?');
  expect(messages.map(({ role, state }) => [role, state])).toEqual([
    ['user', 'done'],
    ['assistant', 'done'],
  ]);
  expect(headId).toBe(answer.id);
  expect(costUsd).toBe(answer.metadata.costUsd as string);
  const rows = await gateway.rowsOf(answer.metadata.requestId as string);
  expect(rows[0]).toMatchObject({ outcome: 'ok', operation: 'chat' });
});

test("the stream is one that the AI SDK's own transport reads", async () => {
  const transport = new DefaultChatTransport<UIMessage>({
    api: `${gateway.url}/api/v1/chat`,
    headers: { cookie: ada.cookies(), origin: gateway.url },
    prepareSendMessagesRequest: ({ messages }) => ({ body: { message: { parts: messages.at(-1)!.parts } } }),
  });
  const stream = await transport.sendMessages({
    trigger: 'submit-message',
    chatId: 'x',
    messageId: undefined,
    messages: [{ id: 'u', role: 'user', parts: [{ type: 'text', text: 'Name three colours.' }] }],
    abortSignal: undefined,
  });
  let last: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream })) last = message;
  expect(last!.role).toBe('assistant');
  const { conversationId, model } = last!.metadata as { conversationId: string; model: string };
  expect(model).toContain('sandbox/');
  const kept = (await whole(conversationId)).messages.at(-1)!;
  expect(kept.id).toBe(last!.id);
  const words = (parts: readonly { type: string }[]) =>
    parts.flatMap((part) => (part.type === 'text' ? [(part as unknown as { text: string }).text] : [])).join('');
  expect(words(last!.parts)).toBe(words(kept.parts));
});

test('whoever hangs up finds the whole answer later, and whoever comes meanwhile reads it from the beginning', async () => {
  const left = new AbortController();
  const first = await fetch(`${gateway.url}/api/v1/chat`, {
    method: 'POST',
    headers: { cookie: ada.cookies(), origin: gateway.url, 'content-type': 'application/json' },
    body: JSON.stringify({
      message: 'Write a long essay about rivers, in twenty paragraphs.',
      model: 'slow/sandbox-large',
    }),
    signal: left.signal,
  });
  const reader = first.body!.getReader();
  const start = new TextDecoder().decode((await reader.read()).value);
  const { messageId, messageMetadata } = JSON.parse(start.slice(6).split('\n')[0]!) as {
    messageId: string;
    messageMetadata: { conversationId: string };
  };
  const again = ada.get(`/api/v1/chat/${messageMetadata.conversationId}/stream`);
  await reader.read();
  left.abort();
  const text = await (await again).text();
  expect(text).toContain(`"messageId":"${messageId}"`);
  expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  const said = text
    .split('\n')
    .filter((line) => line.includes('"text-delta"'))
    .map((line) => (JSON.parse(line.slice(6)) as { delta: string }).delta)
    .join('');
  const kept = (await whole(messageMetadata.conversationId)).messages.at(-1)!;
  expect(kept.state).toBe('done');
  expect(kept.parts).toEqual([{ type: 'text', text: said }]);
  expect((await ada.get(`/api/v1/chat/${messageMetadata.conversationId}/stream`)).status).toBe(204);
});

test('stopping ends the answer for everybody and keeps what there was', async () => {
  const response = await ada.post('/api/v1/chat', {
    message: 'Write a very long essay about the sea, in forty paragraphs.',
    model: 'slow/sandbox-large',
  });
  const reader = response.body!.getReader();
  let text = '';
  while (!text.includes('text-delta')) text += new TextDecoder().decode((await reader.read()).value);
  const { messageId } = JSON.parse(text.slice(6).split('\n')[0]!) as { messageId: string };
  expect((await ada.post(`/api/v1/chat/${messageId}/stop`)).status).toBe(204);
  for (let part = await reader.read(); !part.done; part = await reader.read())
    text += new TextDecoder().decode(part.value);
  expect(text.includes('"type":"abort"')).toBe(true);
  const { messageMetadata } = JSON.parse(text.slice(6).split('\n')[0]!) as {
    messageMetadata: { conversationId: string };
  };
  const kept = (await whole(messageMetadata.conversationId)).messages.at(-1)!;
  expect(kept.state).toBe('stopped');
  expect(kept.parts.length).toBe(1);
  expect(kept.metadata.costUsd).toBeDefined();
});

test('editing and asking again make branches; showing another one and forking keep the others', async () => {
  const ask = async (body: object) =>
    (await (await ada.post('/api/v1/chat', { stream: false, ...body })).json()) as {
      id: string;
      conversationId: string;
      parentId: string;
    };
  const one = await ask({ message: 'First question' });
  const { conversationId } = one;
  const again = await ask({ conversationId, answerTo: one.parentId });
  expect(again.parentId).toBe(one.parentId);
  const edited = await ask({ conversationId, message: 'First question, better', parentId: null });
  const { messages, headId } = await whole(conversationId);
  expect(messages.filter(({ parentId }) => parentId === null).length).toBe(2);
  expect(messages.filter(({ parentId }) => parentId === one.parentId).length).toBe(2);
  expect(headId).toBe(edited.id);
  const shown = await ada.send(`/api/v1/conversations/${conversationId}`, {
    method: 'PATCH',
    body: JSON.stringify({ headId: one.id }),
  });
  expect(shown.status).toBe(200);
  const forked = (await (
    await ada.post(`/api/v1/conversations/${conversationId}/fork`, { messageId: again.id })
  ).json()) as Whole;
  expect((await whole(forked.id)).messages.length).toBe(2);
});

test('what cannot be asked is refused before anything is written down', async () => {
  const before = (await (await ada.get('/api/v1/conversations')).json()) as { data: unknown[] };
  const refused = async (body: object) => {
    const response = await ada.post('/api/v1/chat', body);
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  expect(await refused({ message: 'Hi', model: 'nonsense' })).toEqual([404, 'model_not_found']);
  expect(await refused({})).toEqual([400, 'invalid_request']);
  expect(await refused({ message: 'Hi', conversationId: 'conv_none' })).toEqual([404, 'not_found']);
  expect(await refused({ message: 'Hi', agentId: 'agent_none' })).toEqual([404, 'not_found']);
  expect(await refused({ message: 'Hi', attachments: ['file_none'] })).toEqual([404, 'not_found']);
  const after = (await (await ada.get('/api/v1/conversations')).json()) as { data: unknown[] };
  expect(after.data.length).toBe(before.data.length);
});
