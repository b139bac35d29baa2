import { afterAll, beforeEach, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { createAwsEventStreamDecoder } from '../../src/wire/aws-event-stream.ts';
import { parseSseEvents } from '../../src/wire/sse.ts';
import { errorFirst, giantEvent, longer, malformed, withoutUsage } from './faults.ts';
import { frameEvents } from './frame-events.ts';
import { ownRecordings, recording, recordingAt, recordingsBeside, wireOfPath } from './recording.ts';
import { startReplayer } from './replayer.ts';

const upstream = await startReplayer();
afterAll(() => upstream.stop());
beforeEach(() => upstream.reset());

const post = (body: unknown, init: RequestInit = {}) =>
  fetch(`${upstream.url}/v1/messages?beta=true`, { method: 'POST', body: JSON.stringify(body), ...init });
const text = recording('anthropic-messages/text');

test('replays a whole body byte for byte and logs the request as it came', async () => {
  upstream.reply(text, { headers: { 'request-id': 'req_1' } });
  const response = await post({ model: 'x', messages: ['ü'] }, { headers: { 'x-api-key': 'secret' } });
  expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(text.body!));
  expect(response.headers.get('request-id')).toBe('req_1');
  expect(upstream.requests).toHaveLength(1);
  const [received] = upstream.requests;
  expect(received).toMatchObject({ method: 'POST', path: '/v1/messages?beta=true', answered: true });
  expect(received?.headers['x-api-key']).toBe('secret');
  expect(Buffer.from(received!.body).toString()).toBe('{"model":"x","messages":["ü"]}');
  expect(received?.json).toEqual({ model: 'x', messages: ['ü'] });
  expect(received?.bytesWritten).toBe(text.body!.length);
});

test('puts the framing of each wire back', () => {
  const read = (name: string) => Buffer.concat(frameEvents(recording(name).wire, recording(name).events!));
  const chat = parseSseEvents(read('openai-chat/text').toString());
  expect(chat.at(-1)).toEqual({ data: '[DONE]' });
  expect(chat.slice(0, -1).map(({ data }) => data)).toEqual(recording('openai-chat/text').events!);
  expect(parseSseEvents(read('anthropic-messages/text').toString())[0]?.event).toBe('message_start');
  expect(parseSseEvents(read('openai-responses/text').toString())[0]?.event).toBe('response.created');
  expect(parseSseEvents(read('gemini/text').toString())[0]?.event).toBeUndefined();
  const messages = createAwsEventStreamDecoder().push(read('bedrock-converse/text'));
  expect(messages[0]?.event).toBe('messageStart');
  expect(messages).toHaveLength(recording('bedrock-converse/text').events!.length);
});

test('frames with CRLF, comments, without [DONE] and without a last blank line', () => {
  const { events } = recording('openai-chat/text');
  const bytes = frameEvents('openai-chat', events!, {
    lineEnd: '\r\n',
    comments: true,
    done: false,
    lastBlankLine: false,
  });
  const written = Buffer.concat(bytes).toString();
  expect(written.startsWith(': still here\r\n\r\ndata: {')).toBe(true);
  expect(written.endsWith('}')).toBe(true);
  expect(written).not.toContain('[DONE]');
  expect(parseSseEvents(written).map(({ data }) => data)).toEqual(events!);
});

test('answers with a stream when one is asked for, and holds it until released', async () => {
  upstream.reply(text, { holdAfter: 3 });
  const response = await post({ stream: true });
  const reader = response.body!.getReader();
  let seen = '';
  while (parseSseEvents(seen).length < 3) seen += Buffer.from((await reader.read()).value!).toString();
  expect(upstream.requests[0]).toMatchObject({ eventsWritten: 3, answered: false });
  upstream.release();
  for (let part = await reader.read(); part.value; part = await reader.read())
    seen += Buffer.from(part.value).toString();
  expect(seen).toBe(Buffer.concat(frameEvents(text.wire, text.events!)).toString());
});

test('notices a caller who hangs up, and how much it had written', async () => {
  upstream.reply(text, { holdAfter: 2 });
  const abort = new AbortController();
  const response = await post({ stream: true }, { signal: abort.signal });
  await response.body!.getReader().read();
  const before = performance.now();
  abort.abort();
  const received = await upstream.closed;
  expect(received.closedAtMs! - before).toBeLessThan(100);
  expect(received).toMatchObject({ answered: false, eventsWritten: 2 });
  const head = frameEvents(text.wire, text.events!).slice(0, 2);
  expect(received.bytesWritten).toBe(Buffer.concat(head).length);
});

test('cuts the connection after so many events or bytes', async () => {
  for (const delivery of [{ cutAfter: 2 }, { cutAfterBytes: 100 }, { cutAfter: text.events!.length }]) {
    upstream.reply(text, delivery);
    await expect(post({ stream: true }).then((response) => response.text())).rejects.toThrow();
  }
  expect(upstream.requests[1]?.bytesWritten).toBe(100);
});

test('ends a stream early but well-formed', async () => {
  upstream.reply(text, { endAfter: 2 });
  expect(parseSseEvents(await (await post({ stream: true })).text())).toHaveLength(2);
});

test('cuts the body at any byte without changing it', async () => {
  const whole = Buffer.concat(frameEvents(text.wire, text.events!)).toString();
  for (const delivery of [{ splitAt: 1 }, { splitAt: 97 }, { pieceBytes: 1 }, { pieceBytes: 64 }]) {
    upstream.reply(text, delivery);
    expect(await (await post({ stream: true })).text()).toBe(whole);
  }
});

test('follows a script, one answer a request, then the standing reply', async () => {
  upstream.reply(text);
  upstream.script([{ status: 503, body: { error: 'busy' } }], [{ status: 429, headers: { 'retry-after': '7' } }]);
  const answers = [await post({}), await post({}), await post({})];
  expect(answers.map(({ status }) => status)).toEqual([503, 429, 200]);
  expect(answers[1]?.headers.get('retry-after')).toBe('7');
  expect(await answers[0]?.json()).toEqual({ error: 'busy' });
});

test('model lists are answered aside and use up nothing of the script', async () => {
  upstream.script([text]);
  expect(await (await fetch(`${upstream.url}/v1/models`)).json()).toMatchObject({ data: [] });
  expect(upstream.requests).toHaveLength(0);
  expect(upstream.probes).toHaveLength(1);
  expect((await post({})).status).toBe(200);
});

test('refuses connections until it accepts them again', async () => {
  upstream.reply(text);
  await upstream.refuse();
  await expect(post({})).rejects.toThrow();
  await upstream.accept();
  expect((await post({})).status).toBe(200);
});

test('waits before the headers, or after them', async () => {
  upstream.reply(text, { holdHeaders: true });
  let answered = false;
  const pending = post({ stream: true }).then((response) => {
    answered = true;
    return response.text();
  });
  await upstream.received(1);
  expect(answered).toBe(false);
  upstream.release();
  expect(await pending).toContain('message_stop');
  upstream.reply(text, { delayHeadersMs: 5, delayFirstByteMs: 5, eventDelayMs: 1 });
  expect(await (await post({ stream: true })).text()).toContain('message_stop');
});

test('tells how much it could write to a reader who does not read', async () => {
  upstream.reply(longer(text, 3, 10, 64 * 1024), { endless: true });
  const socket = connect(upstream.port, '127.0.0.1');
  socket.pause();
  const body = '{"stream":true}';
  socket.write(`POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  const written = await upstream.full;
  expect(written).toBeGreaterThan(64 * 1024);
  expect(upstream.requests[0]?.bytesWritten).toBe(written);
  socket.destroy();
  expect((await upstream.closed).answered).toBe(false);
});

test('reads a chunked body, and two requests on one connection', async () => {
  upstream.reply({ status: 200, body: 'ok' });
  const answers = await new Promise<string>((resolve) => {
    let seen = '';
    const socket = connect(upstream.port, '127.0.0.1');
    socket.on('data', (bytes) => {
      seen += bytes.toString();
      if (seen.split('HTTP/1.1 200').length === 3 && seen.endsWith('ok')) {
        socket.destroy();
        resolve(seen);
      }
    });
    const chunked = 'POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{"a\r\n3\r\n":1\r\n1\r\n}\r\n0\r\n\r\n';
    socket.write(`${chunked}POST /b HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}`);
  });
  expect(answers.match(/ok/g)).toHaveLength(2);
  expect(upstream.requests.map(({ path, json }) => [path, json])).toEqual([
    ['/a', { a: 1 }],
    ['/b', {}],
  ]);
});

test('bytes after the end of the answer follow it on the socket', async () => {
  upstream.reply(text, { bytesAfterEnd: 'HTTP/1.1 400 Bad\r\n\r\n' });
  const seen = await new Promise<string>((resolve) => {
    let all = '';
    const socket = connect(upstream.port, '127.0.0.1', () => {
      socket.write('POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n');
    });
    socket.on('data', (bytes) => {
      all += bytes.toString();
    });
    socket.on('close', () => resolve(all));
  });
  expect(seen.endsWith('HTTP/1.1 400 Bad\r\n\r\n')).toBe(true);
});

test('faults change one thing of a stream', () => {
  for (const name of [
    'openai-chat/text',
    'openai-responses/text',
    'anthropic-messages/text',
    'gemini/text',
    'bedrock-converse/text',
  ]) {
    const good = recording(name);
    expect(errorFirst(good).events).toHaveLength(1);
    expect(malformed(good, 1).events?.filter((data, at) => data !== good.events![at])).toHaveLength(1);
    expect(giantEvent(good, 2, 5000).events?.[2]?.length).toBeGreaterThan(5000);
    expect(withoutUsage(good).events?.join('')).not.toMatch(/usage|Tokens/);
    expect(longer(good, 2, 10).events).toHaveLength(good.events!.length + 10);
    expect(recording(name).events).toBe(good.events!);
  }
});

test('recordings are found by name and by path', () => {
  expect(ownRecordings().length).toBeGreaterThan(80);
  expect(() => recording('openai-chat/none')).toThrow('no recording');
  const path = `${import.meta.dirname}/../../src/wire/gemini/recordings/text.chunks.txt`;
  expect(recordingAt(path, wireOfPath(path)!)).toMatchObject({
    wire: 'gemini',
    events: recording('gemini/text').events!,
  });
  for (const { wire, events } of recordingsBeside()) {
    if (wire === 'anthropic-messages')
      expect(events?.filter((data) => data.includes('message_start')) ?? [0]).toHaveLength(1);
  }
});
