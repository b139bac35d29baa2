import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { collectAnswer } from '../../src/core/chat-answer.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Dialect } from '../../src/core/wire-name.ts';
import { anthropicMessagesOutbound } from '../../src/wire/anthropic-messages/index.ts';
import { geminiOutbound } from '../../src/wire/gemini/index.ts';
import { openaiChatOutbound } from '../../src/wire/openai-chat/index.ts';
import { openaiResponsesOutbound } from '../../src/wire/openai-responses/index.ts';
import { parseSseEvents } from '../../src/wire/sse.ts';
import type { OutboundWire } from '../../src/wire/wire.ts';
import { recording } from '../replayer/recording.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { type ChatWish, type TestGateway, testGateway } from '../test-gateway.ts';

let upstream: Replayer;
let gateway: TestGateway;
const price = { input: 1, output: 5 };

beforeAll(async () => {
  upstream = await startReplayer();
  gateway = await testGateway({
    config: {
      providers: {
        mock: { kind: 'openai-compatible', baseUrl: `${upstream.url}/v1`, apiKey: 'k' },
        away: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'k' },
        claude: { kind: 'anthropic', baseUrl: upstream.url, apiKey: 'k' },
        own: { kind: 'openai-compatible', baseUrl: `${upstream.url}/v1`, apiKey: 'k', wires: ['openai-responses'] },
      },
      models: [
        { id: 'mock/tiny', provider: 'mock', price },
        { id: 'claude/big', provider: 'claude', price },
        { id: 'own/model', provider: 'own', price },
        { id: 'weak', provider: 'away', price, fallbacks: ['mock/tiny'] },
      ],
      aliases: { fast: 'mock/tiny' },
      cache: { exact: { enabled: true, ttlSeconds: 600 } },
    },
  });
}, 60_000);
beforeEach(() => upstream.reset());
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

let asked = 0;
/** A question that nobody asked before. */
const question = () => `Question number ${++asked}?`;

const messages = (content: string): JsonObject => ({ messages: [{ role: 'user', content }] });

const cacheOf = (answer: Response) => answer.headers.get('x-sluice-cache');

async function twice(dialect: Dialect, wish: ChatWish): Promise<[Response, Response]> {
  const first = await gateway.chat(dialect, wish);
  await first.clone().text();
  return [first, await gateway.chat(dialect, wish)];
}

test('a second equal request is answered byte for byte without asking the provider, for nothing', async () => {
  upstream.reply(recording('openai-chat/text'));
  const [first, second] = await twice('openai-chat', { model: 'mock/tiny', body: messages(question()) });
  expect([cacheOf(first), cacheOf(second)]).toEqual(['miss', 'exact']);
  expect(await second.text()).toBe(await first.text());
  expect(second.headers.get('age')).toBe('0');
  expect(second.headers.get('x-sluice-cost-usd')).toBe('0');
  expect(second.headers.get('x-sluice-model')).toBe('mock/tiny');
  expect(upstream.requests).toHaveLength(1);
  const [paid] = await gateway.rowsOf(first);
  const [saved] = (await gateway.rowsOf(second)) as unknown as JsonObject[];
  expect(saved).toMatchObject({
    cache: 'exact',
    costUsd: '0',
    savedUsd: paid!.costUsd,
    input: 0,
    output: 0,
    outcome: 'ok',
  });
  expect(Number(paid!.costUsd)).toBeGreaterThan(0);
});

test('a streamed answer is streamed again, byte for byte', async () => {
  upstream.reply(recording('openai-chat/text'));
  const [first, second] = await twice('openai-chat', { model: 'mock/tiny', stream: true, body: messages(question()) });
  expect([cacheOf(first), cacheOf(second)]).toEqual(['miss', 'exact']);
  expect(await second.text()).toBe(await first.text());
  expect(second.headers.get('content-type')).toStartWith('text/event-stream');
  expect(upstream.requests).toHaveLength(1);
});

const outbound: Record<Dialect, OutboundWire> = {
  'openai-chat': openaiChatOutbound,
  'openai-responses': openaiResponsesOutbound,
  'anthropic-messages': anthropicMessagesOutbound,
  gemini: geminiOutbound,
};

/** What an answer says, read in its dialect as a provider's would be. */
function textOf(dialect: Dialect, stream: boolean, body: string): string {
  const wire = outbound[dialect];
  const parser = wire.createStreamParser();
  const events = stream
    ? [...parseSseEvents(body).flatMap((event) => parser.parse(event)), ...parser.finish()]
    : wire.parseAnswer(JSON.parse(body));
  const { choices, usage } = collectAnswer(events);
  const text = choices[0]!.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return `${text} ${usage.output}`;
}

function bodyFor(dialect: Dialect, content: string): JsonObject {
  switch (dialect) {
    case 'openai-responses':
      return { input: content };
    case 'gemini':
      return { contents: [{ role: 'user', parts: [{ text: content }] }] };
    case 'openai-chat':
      return { ...messages(content), stream_options: { include_usage: true } };
    default:
      return messages(content);
  }
}

test('an answer is given in the form that is asked for: whole ones as streams and streams whole, in every dialect', async () => {
  const providers = [
    ['mock/tiny', 'openai-chat/text'],
    ['claude/big', 'anthropic-messages/text'],
    ['own/model', 'openai-responses/text'],
  ] as const;
  for (const [model, name] of providers) {
    upstream.reply(recording(name));
    for (const dialect of ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const) {
      for (const stream of [false, true]) {
        const before = upstream.requests.length;
        const body = bodyFor(dialect, question());
        const first = await gateway.chat(dialect, { model, stream, body });
        const text = textOf(dialect, stream, await first.text());
        const other = await gateway.chat(dialect, {
          model,
          stream: !stream,
          body: { ...body, ...(dialect !== 'gemini' && { stream: !stream }) },
        });
        expect([dialect, model, cacheOf(other)]).toEqual([dialect, model, 'exact']);
        expect(textOf(dialect, !stream, await other.text())).toBe(text);
        expect(upstream.requests.length).toBe(before + 1);
      }
    }
  }
});

test('the same request in another dialect is the same request', async () => {
  upstream.reply(recording('openai-chat/text'));
  const content = question();
  const first = await gateway.chat('openai-chat', {
    model: 'mock/tiny',
    body: { ...messages(content), max_tokens: 1000 },
  });
  const second = await gateway.chat('anthropic-messages', { model: 'fast', stream: true, body: messages(content) });
  expect([cacheOf(first), cacheOf(second)]).toEqual(['miss', 'exact']);
  const said = textOf('openai-chat', false, await first.text());
  expect(textOf('anthropic-messages', true, await second.text())).toBe(said);
});

test('what changes the answer makes another request of it, and what does not, not', async () => {
  upstream.reply(recording('openai-chat/text'));
  const content = question();
  const ask = async (body: JsonObject, model = 'mock/tiny') => {
    const answer = await gateway.chat('openai-chat', { model, body: { ...messages(content), ...body } });
    await answer.text();
    return cacheOf(answer);
  };
  expect(await ask({})).toBe('miss');
  for (const same of [
    {},
    { user: 'somebody' },
    { metadata: { a: 'b' } },
    { stream: true },
    { tool_choice: 'auto' },
    { response_format: { type: 'text' } },
  ])
    expect([same, await ask(same)]).toEqual([same, 'exact']);
  expect(await ask({}, 'fast')).toBe('exact');
  for (const other of [
    { temperature: 0.5 },
    { seed: 1 },
    { max_tokens: 7 },
    { stop: ['x'] },
    { n: 2 },
    { response_format: { type: 'json_object' } },
    { tools: [{ type: 'function', function: { name: 'f' } }] },
    {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content },
      ],
    },
    { messages: [{ role: 'user', content: `${content} ` }] },
    { unheard_of: true },
  ])
    expect([other, await ask(other)]).toEqual([other, 'miss']);
  for (const mode of ['flash', 'think']) {
    const body = messages(content);
    const answer = await gateway.chat('openai-chat', { model: 'mock/tiny', body, headers: { 'x-sluice-mode': mode } });
    expect([mode, cacheOf(answer)]).toEqual([mode, 'miss']);
    await answer.text();
  }
});

test('x-sluice-cache says what may be read and kept', async () => {
  upstream.reply(recording('openai-chat/text'));
  const content = question();
  const ask = async (wish?: string) => {
    const headers: Record<string, string> = wish === undefined ? {} : { 'x-sluice-cache': wish };
    const answer = await gateway.chat('openai-chat', { model: 'mock/tiny', body: messages(content), headers });
    await answer.text();
    return answer.ok ? cacheOf(answer) : answer.status;
  };
  expect(await ask('only-if-cached')).toBe(504);
  expect(await ask('no-store')).toBe('miss');
  expect(await ask('only-if-cached')).toBe(504);
  expect(await ask('bypass')).toBe('none');
  expect(await ask('only-if-cached')).toBe(504);
  expect(upstream.requests).toHaveLength(2);
  expect(await ask('no-cache')).toBe('miss');
  expect(await ask('only-if-cached')).toBe('exact');
  expect(await ask('no-store')).toBe('exact');
  expect(await ask('max-age=3600, exact')).toBe('exact');
  expect(await ask('no-cache')).toBe('miss');
  expect(await ask('bypass')).toBe('none');
  expect(upstream.requests).toHaveLength(5);
  expect(await ask('if-you-please')).toBe(400);
});

test('without a hit only-if-cached is a 504 in the dialect that was spoken', async () => {
  for (const dialect of ['openai-chat', 'anthropic-messages', 'gemini', 'openai-responses'] as const) {
    const headers = { 'x-sluice-cache': 'only-if-cached' };
    const answer = await gateway.chat(dialect, { model: 'mock/tiny', body: bodyFor(dialect, question()), headers });
    expect(answer.status).toBe(504);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toContain('only-if-cached');
    expect((await gateway.rowsOf(answer))[0]).toMatchObject({ errorCode: 'not_cached', costUsd: '0' });
  }
  expect(upstream.requests).toHaveLength(0);
});

test('an answer that failed, broke off or came from a model standing in is not kept', async () => {
  const ask = async (model: string, content: string, stream = false) => {
    const answer = await gateway.chat('openai-chat', { model, stream, body: messages(content) });
    await answer.text().catch(() => '');
    return cacheOf(answer);
  };
  const failed = question();
  upstream.script([{ status: 400, body: { error: { message: 'no' } } }]);
  await ask('mock/tiny', failed);
  upstream.reply(recording('openai-chat/text'));
  expect(await ask('mock/tiny', failed)).toBe('miss');
  const cut = question();
  upstream.script([recording('openai-chat/text'), { cutAfter: 3, eventDelayMs: 20 }]);
  await ask('mock/tiny', cut, true);
  expect(await ask('mock/tiny', cut, true)).toBe('miss');
  expect(await ask('mock/tiny', cut, true)).toBe('exact');
  const standIn = question();
  for (let time = 0; time < 2; time++) expect(await ask('weak', standIn)).toBe('miss');
});

test('what goes to the provider is the same bytes with the cache and without', async () => {
  upstream.reply(recording('anthropic-messages/text'));
  const content = question();
  const body = {
    system: [{ type: 'text', text: 'A long system prompt.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    messages: [{ role: 'user', content: [{ type: 'text', text: content, cache_control: { type: 'ephemeral' } }] }],
  };
  for (const wish of ['bypass', 'no-store', 'no-cache']) {
    const answer = await gateway.chat('anthropic-messages', {
      model: 'claude/big',
      body,
      headers: { 'x-sluice-cache': wish },
    });
    await answer.text();
  }
  const sent = upstream.requests.map((request) => Buffer.from(request.body).toString());
  expect(sent).toHaveLength(3);
  expect(sent[0]).toContain('"cache_control":{"type":"ephemeral","ttl":"1h"}');
  expect(new Set(sent).size).toBe(1);
});

test('a stored response has an id of its own for everybody who gets it', async () => {
  upstream.reply(recording('openai-responses/text'));
  const body = { input: question() };
  const [first, second] = await twice('openai-responses', { model: 'own/model', body });
  expect(cacheOf(second)).toBe('exact');
  const ids = [((await first.json()) as { id: string }).id, ((await second.json()) as { id: string }).id];
  expect(ids[1]).toStartWith('resp_');
  expect(ids[0]).not.toBe(ids[1]);
  expect((await gateway.fetch(`/v1/responses/${ids[1]}`)).status).toBe(200);
  const unstored = { input: question(), store: false };
  const [third, fourth] = await twice('openai-responses', { model: 'own/model', body: unstored });
  expect(await fourth.text()).toBe(await third.text());
  const named = await gateway.chat('openai-responses', {
    model: 'own/model',
    body: { ...unstored, metadata: { whose: 'mine' } },
  });
  expect(cacheOf(named)).toBe('exact');
  expect(await named.json()).toMatchObject({ metadata: { whose: 'mine' } });
});

test('a list of texts goes to the provider without those that are known', async () => {
  upstream.reply({ status: 500 });
  const vector = (text: string) => [text.length / 7, 0.25, -0.125];
  const embed = async (input: string[] | string, headers = {}) => {
    const answer = await gateway.fetch('/v1/embeddings', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: 'mock/tiny', input }),
    });
    return {
      state: cacheOf(answer),
      answer,
      body: (await answer.json()) as { data: { embedding: number[] }[]; usage: { total_tokens: number } },
    };
  };
  const reply = (texts: string[]) =>
    upstream.script([
      {
        status: 200,
        body: {
          object: 'list',
          model: 'tiny',
          data: texts.map((text, index) => ({ object: 'embedding', index, embedding: vector(text) })),
          usage: { prompt_tokens: texts.length * 10, total_tokens: texts.length * 10 },
        },
      },
    ]);
  const texts = Array.from({ length: 100 }, (_, index) => `text ${question()} ${'x'.repeat(index % 9)}`);
  reply(texts.slice(0, 90));
  expect((await embed(texts.slice(0, 90))).state).toBe('miss');
  reply(texts.slice(90));
  const { state, body, answer } = await embed(texts);
  expect(state).toBe('partial');
  expect(body.data.map(({ embedding }) => embedding)).toEqual(texts.map(vector));
  expect((upstream.requests[1]!.json as { input: string[] }).input).toEqual(texts.slice(90));
  const [row] = (await gateway.rowsOf(answer)) as unknown as JsonObject[];
  expect(row).toMatchObject({ cache: 'partial', input: 100 });
  expect(Number(row!.cacheSavedNanos)).toBeGreaterThan(800_000);
  const again = await embed(texts);
  expect(again.state).toBe('exact');
  expect(again.body.data.map(({ embedding }) => embedding)).toEqual(texts.map(vector));
  expect((await embed(texts[3]!)).state).toBe('exact');
  expect(upstream.requests).toHaveLength(2);
});
