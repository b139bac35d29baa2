import { afterAll, beforeAll, expect, test } from 'bun:test';
import { sql as query } from 'drizzle-orm';
import type { ChatMessage } from '../../../shared/src/chat.ts';
import type { Browser } from '../support/browser.ts';
import { type LoginGateway, loginGateway } from '../support/login.ts';

let gateway: LoginGateway;
let ada: Browser;
beforeAll(async () => {
  gateway = await loginGateway({ config: { chat: { fileBytes: 200_000, quotaBytes: 300_000, temporaryHours: 1 } } });
  ada = await gateway.loggedIn('ada@example.com');
});
afterAll(() => gateway.stop());

type Json = Record<string, unknown>;
const read = async <T = Json>(response: Response | Promise<Response>): Promise<T> =>
  (await (await response).json()) as T;
const patch = (path: string, body: object) => ada.send(path, { method: 'PATCH', body: JSON.stringify(body) });
const remove = (path: string) => ada.send(path, { method: 'DELETE' });
const ask = (body: object) =>
  read<{ id: string; conversationId: string; parentId: string; metadata: { requestId: string } }>(
    ada.post('/api/v1/chat', { model: 'sandbox/sandbox-small', stream: false, ...body }),
  );
const whole = (id: string) => read<{ title: string; messages: ChatMessage[] }>(ada.get(`/api/v1/conversations/${id}`));
const upload = (name: string, content: string | Uint8Array<ArrayBuffer>, folder = '') =>
  fetch(`${gateway.url}/api/v1/files?name=${name}${folder && `&folderId=${folder}`}`, {
    method: 'POST',
    headers: { cookie: ada.cookies(), origin: gateway.url },
    body: content,
  });

test('the list is paged, newest first; pins, tags, folders and titles are kept', async () => {
  const made: string[] = [];
  for (const words of ['one', 'two', 'three']) made.push((await ask({ message: `Page ${words}` })).conversationId);
  const first = await read<{ data: { id: string }[]; next: string }>(ada.get('/api/v1/conversations?limit=2'));
  expect(first.data.map(({ id }) => id)).toEqual([made[2]!, made[1]!]);
  const second = await read<{ data: { id: string }[] }>(ada.get(`/api/v1/conversations?limit=2&before=${first.next}`));
  expect(second.data[0]!.id).toBe(made[0]!);
  const { id: folderId } = await read<{ id: string }>(ada.post('/api/v1/folders', { name: 'Work' }));
  const changed = await read(
    patch(`/api/v1/conversations/${made[0]}`, { title: 'Renamed', pinned: true, tags: ['a', 'b'], folderId }),
  );
  expect(changed).toMatchObject({ title: 'Renamed', pinned: true, tags: ['a', 'b'], folderId });
  for (const filter of ['pinned=true', 'tag=b', `folder=${folderId}`]) {
    const { data } = await read<{ data: { id: string }[] }>(ada.get(`/api/v1/conversations?${filter}`));
    expect(data.map(({ id }) => id)).toEqual([made[0]!]);
  }
  expect(await read(ada.get('/api/v1/conversations/tags'))).toEqual({
    data: [
      { tag: 'a', count: 1 },
      { tag: 'b', count: 1 },
    ],
  });
  expect((await remove(`/api/v1/folders/${folderId}`)).status).toBe(204);
  expect(await read(ada.get(`/api/v1/conversations/${made[0]}`))).toMatchObject({ folderId: null });
  expect((await patch(`/api/v1/conversations/${made[0]}`, { folderId: 'fold_none' })).status).toBe(404);
  expect((await ada.get('/api/v1/conversations?before=nonsense')).status).toBe(400);
});

test('search finds whole words, beginnings of words, and words of languages without spaces', async () => {
  const { conversationId } = await ask({ message: 'The heron waits beside the lockkeeper' });
  const chinese = await ask({ message: '请解释运河船闸的工作原理' });
  const search = async (text: string) =>
    (
      await read<{ data: { conversation: { id: string }; snippet: string }[] }>(
        ada.get(`/api/v1/conversations/search?q=${encodeURIComponent(text)}`),
      )
    ).data;
  for (const text of ['heron', 'lockk', 'HERON lockkeeper']) {
    const found = await search(text);
    expect(found[0]!.conversation.id).toBe(conversationId);
    expect(found[0]!.snippet).toContain('heron');
  }
  expect((await search('船闸'))[0]!.conversation.id).toBe(chinese.conversationId);
  expect(await search("'; drop table x & | ! :* (")).toEqual([]);
  expect(await search('100%_nothing')).toEqual([]);
});

test('a project gives its instructions, its files and its model to every chat in it', async () => {
  const project = await read<{ id: string }>(
    ada.post('/api/v1/folders', {
      name: 'River',
      kind: 'project',
      instructions: 'Speak of rivers only.',
      settings: { model: 'sandbox/sandbox-large' },
    }),
  );
  expect((await upload('facts.txt', 'The river is 340 km long. '.repeat(40), project.id)).status).toBe(201);
  const inside = await read<{ metadata: { asked: string; inputTokens: number } }>(
    ada.post('/api/v1/chat', { message: 'Hello', folderId: project.id, stream: false }),
  );
  const outside = await read<{ metadata: { inputTokens: number } }>(
    ada.post('/api/v1/chat', { message: 'Hello', model: 'sandbox/sandbox-large', stream: false }),
  );
  expect(inside.metadata.asked).toBe('sandbox/sandbox-large');
  expect(inside.metadata.inputTokens).toBeGreaterThan(outside.metadata.inputTokens + 200);
});

test('files are known by what is in them, and are shown as what they are or only saved', async () => {
  const png = Uint8Array.from(
    atob('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='),
    (c) => c.charCodeAt(0),
  );
  const picture = await read<{ id: string; mediaType: string; url: string }>(upload('note.txt', png));
  expect(picture.mediaType).toBe('image/png');
  const shown = await ada.get(picture.url);
  expect(shown.headers.get('content-type')).toBe('image/png');
  expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
  const page = await read<{ url: string; mediaType: string }>(upload('page.png', '<script>alert(1)</script>'));
  expect(page.mediaType).toBe('text/plain');
  const saved = await ada.get(page.url);
  expect(saved.headers.get('content-type')).toBe('application/octet-stream');
  expect(saved.headers.get('content-disposition')).toStartWith('attachment');
  expect(saved.headers.get('content-security-policy')).toContain('sandbox');
  expect((await upload('x.zip', Uint8Array.from([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0, 0, 1, 2]))).status).toBe(415);
  expect((await upload('empty.txt', '')).status).toBe(400);
  expect((await upload('long.txt', 'a'.repeat(200_001))).status).toBe(413);
  expect((await upload('much.txt', 'a'.repeat(190_000))).status).toBe(201);
  expect((await upload('more.txt', 'a'.repeat(190_000))).status).toBe(413);
  const asked = await ask({
    message: 'See',
    attachments: [picture.url.split('/')[4]!],
    model: 'sandbox/sandbox-large',
  });
  const { messages } = await whole(asked.conversationId);
  expect(messages[0]!.parts[0]).toMatchObject({ type: 'file', mediaType: 'image/png', url: picture.url });
  expect((await remove(`/api/v1/conversations/${asked.conversationId}`)).status).toBe(204);
  expect((await ada.get(picture.url)).status).toBe(404);
  expect((await ada.get(page.url)).status).toBe(200);
});

test('an export comes back as the same tree, here and in the forms of others', async () => {
  const { conversationId, parentId, id } = await ask({ message: 'Tell me' });
  await ask({ conversationId, answerTo: parentId });
  const exported = await read<{ messages: object[] }>(ada.get(`/api/v1/conversations/${conversationId}/export`));
  const back = await read<{ imported: number; data: { id: string }[] }>(
    ada.post('/api/v1/conversations/import', exported),
  );
  expect(back.imported).toBe(1);
  const { messages } = await whole(back.data[0]!.id);
  expect(messages.length).toBe(3);
  const root = messages.find(({ parentId }) => parentId === null)!;
  expect(messages.filter(({ parentId }) => parentId === root.id).length).toBe(2);
  expect(messages.map(({ id }) => id)).not.toContain(id);
  const markdown = await (await ada.get(`/api/v1/conversations/${conversationId}/export?format=markdown`)).text();
  expect(markdown).toContain('## You\n\nTell me');

  const chatGpt = {
    title: 'From elsewhere',
    create_time: 1_700_000_000.5,
    update_time: 1_700_000_100,
    current_node: 'd',
    mapping: {
      root: { id: 'root', parent: null, children: ['s'], message: null },
      s: {
        id: 's',
        parent: 'root',
        message: { author: { role: 'system' }, content: { content_type: 'text', parts: [''] } },
      },
      a: {
        id: 'a',
        parent: 's',
        message: {
          author: { role: 'user' },
          create_time: 1_700_000_001,
          content: { content_type: 'text', parts: ['Question'] },
        },
      },
      b: {
        id: 'b',
        parent: 'a',
        message: {
          author: { role: 'assistant' },
          metadata: { model_slug: 'gpt-4' },
          content: { content_type: 'text', parts: ['First'] },
        },
      },
      c: {
        id: 'c',
        parent: 'a',
        message: { author: { role: 'tool' }, content: { content_type: 'text', parts: ['used'] } },
      },
      d: {
        id: 'd',
        parent: 'c',
        message: { author: { role: 'assistant' }, content: { content_type: 'text', parts: ['Second'] } },
      },
    },
  };
  const webUi = {
    id: 'x',
    title: 'From a web UI',
    chat: {
      history: {
        currentId: 'n2',
        messages: {
          n1: { id: 'n1', parentId: null, role: 'user', content: 'Why?', timestamp: 1_700_000_000 },
          n2: {
            id: 'n2',
            parentId: 'n1',
            role: 'assistant',
            model: 'llama',
            content: '<details type="reasoning" done="true"><summary>Thought</summary>\n> hm\n</details>\nBecause.',
          },
        },
      },
    },
    meta: { tags: ['old'] },
  };
  const taken = await read<{ data: { id: string; title: string; tags: string[]; createdAt: string }[] }>(
    ada.post('/api/v1/conversations/import', [chatGpt, webUi]),
  );
  expect(taken.data.map(({ title }) => title)).toEqual(['From elsewhere', 'From a web UI']);
  const gpt = (await whole(taken.data[0]!.id)).messages;
  expect(gpt.map(({ parts }) => (parts[0] as { text: string }).text)).toEqual(['Question', 'First', 'Second']);
  expect(gpt[2]!.parentId).toBe(gpt[0]!.id);
  expect(gpt[1]!.metadata.model).toBe('gpt-4');
  const [, because] = (await whole(taken.data[1]!.id)).messages;
  expect(because!.parts).toEqual([
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'Because.' },
  ]);
  expect((await ada.post('/api/v1/conversations/import', { what: 'else' })).status).toBe(400);
});

test('a link shows what was said up to then, without costs, and ends when it is revoked', async () => {
  const { conversationId } = await ask({ message: 'Shown' });
  const share = await read<{ id: string; path: string }>(ada.post('/api/v1/shares', { conversationId, days: 1 }));
  await ask({ conversationId, message: 'Not shown' });
  const open = `${gateway.url}/api/v1/shared/${share.path.slice('/share/'.length)}`;
  const text = await (await fetch(open)).text();
  expect(text).toContain('Shown');
  for (const secret of ['Not shown', 'costUsd', 'requestId', 'ada@example.com', 'user_'])
    expect(text).not.toContain(secret);
  expect((await remove(`/api/v1/shares/${share.id}`)).status).toBe(204);
  expect((await fetch(open)).status).toBe(404);
});

test('a thumb is kept with the message and with its call', async () => {
  const { id, metadata, conversationId } = await ask({ message: 'Rate me' });
  const rated = await ada.send(`/api/v1/messages/${id}/feedback`, {
    method: 'PUT',
    body: JSON.stringify({ rating: 'down', note: 'Too short' }),
  });
  expect(rated.status).toBe(204);
  expect((await whole(conversationId)).messages.at(-1)!.rating).toBe('down');
  const call = await read<{ feedback: { score: number; note: string } }>(
    gateway.fetch(`/api/v1/calls/${metadata.requestId}`),
  );
  expect(call.feedback).toMatchObject({ score: 0, note: 'Too short' });
});

test('a temporary chat says when it vanishes, stands nowhere, and cannot be shared', async () => {
  const { conversationId } = await ask({ message: 'Whisper of swans', temporary: true });
  const chat = await read<{ expiresAt: string }>(ada.get(`/api/v1/conversations/${conversationId}`));
  expect(Date.parse(chat.expiresAt) - Date.now()).toBeLessThanOrEqual(3_600_000);
  expect(await (await ada.get('/api/v1/conversations')).text()).not.toContain(conversationId);
  expect(await (await ada.get('/api/v1/conversations/search?q=swans')).text()).not.toContain(conversationId);
  expect((await ada.post('/api/v1/shares', { conversationId })).status).toBe(400);
});

test('prompts are kept, shared with the organisation, and changed by their owner only', async () => {
  await gateway.join({ name: 'Bob', email: 'bob@example.com' });
  const bob = await gateway.loggedIn('bob@example.com');
  const wish = { command: 'sum', title: 'Sum up', text: 'Sum up {{text}}', shared: true };
  const { id } = await read<{ id: string }>(ada.post('/api/v1/prompts', wish));
  const { data } = await read<{ data: { id: string; mine: boolean }[] }>(bob.get('/api/v1/prompts'));
  expect(data).toMatchObject([{ id, mine: false }]);
  expect((await bob.send(`/api/v1/prompts/${id}`, { method: 'DELETE' })).status).toBe(404);
  expect((await ada.post('/api/v1/prompts', { ...wish, command: 'No Spaces' })).status).toBe(400);
});

test('what somebody likes is kept field by field, and unknown fields are refused', async () => {
  await patch('/api/v1/me/preferences', { theme: 'dark' });
  expect(await read(patch('/api/v1/me/preferences', { language: 'fr' }))).toEqual({ theme: 'dark', language: 'fr' });
  expect((await patch('/api/v1/me/preferences', { colour: 'red' })).status).toBe(400);
});

test('everything of somebody goes when they say so, and the ledger keeps what was charged', async () => {
  const charged = (await gateway.ledger()).length;
  const { conversations } = await read<{ conversations: number }>(remove('/api/v1/me/data'));
  expect(conversations).toBeGreaterThan(5);
  for (const path of ['conversations', 'folders', 'files', 'prompts', 'shares']) {
    const { data } = await read<{ data: unknown[] }>(ada.get(`/api/v1/${path}`));
    expect({ path, data }).toEqual({ path, data: [] });
  }
  const [row] = await (await gateway.sql()).execute<{ n: number }>(query`select count(*)::int as n from chat_messages`);
  expect(row!.n).toBe(0);
  expect((await gateway.ledger()).length).toBe(charged);
});
