import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { ChatCall } from '../core/call.ts';
import type { MediaSource, Message, Part } from '../core/chat-request.ts';
import { readJsonBody } from '../core/json-scan.ts';
import { SluiceError } from '../core/sluice-error.ts';
import { createGuardedFetch, type GuardedFetch } from './guarded-fetch.ts';
import { createInlineMedia } from './inline-media.ts';
import { type LocalServer, serve } from './testing.ts';

const files: Record<string, [contentType: string | undefined, content: Buffer]> = {
  png: ['image/png', Buffer.from('89504e470d0a1a0a0000', 'hex')],
  jpeg: ['image/jpeg', Buffer.from('ffd8ffe000104a464946', 'hex')],
  jpg: ['Image/JPG; q=1', Buffer.from('ffd8ffe100104a464946', 'hex')],
  gif: ['image/gif', Buffer.from('GIF89a......')],
  webp: ['image/webp', Buffer.from('RIFF\n\0\r\nWEBPVP8 ', 'latin1')],
  pdf: ['application/pdf', Buffer.from('%PDF-1.7\n...')],
  wav: ['audio/wav', Buffer.from('RIFF....WAVEfmt ')],
  mp4: ['video/mp4', Buffer.from('....ftypisom')],
  csv: ['text/csv; charset=iso-8859-1', Buffer.from('Größe;Maß', 'latin1')],
  unnamed: [undefined, Buffer.from('89504e470d0a1a0a0000', 'hex')],
  octets: ['binary/octet-stream', Buffer.from('ffd8ffe000104a464946', 'hex')],
  'octets-pdf': ['application/octet-stream', Buffer.from('%PDF-1.7\n...')],
  'octets-other': ['application/octet-stream', Buffer.from('who knows')],
  'png-that-is-jpeg': ['image/png', Buffer.from('ffd8ffe000104a464946', 'hex')],
  'png-that-is-html': ['image/png', Buffer.from('<html>token=1</html>')],
  'pdf-that-is-text': ['application/pdf', Buffer.from('secret=1')],
  svg: ['image/svg+xml', Buffer.from('<svg/>')],
  html: ['text/html', Buffer.from('<p>')],
  empty: ['image/png', Buffer.alloc(0)],
};

let server: LocalServer;
let asked: string[] = [];
beforeAll(async () => {
  server = await serve((request, response) => {
    const name = request.url!.slice(1).split('?')[0]!;
    asked.push(request.url!);
    const file = files[name];
    if (!file) return response.writeHead(404).end();
    if (file[0] !== undefined) response.setHeader('content-type', file[0]);
    response.end(file[1]);
  });
});
afterAll(() => server.close());

const at = (name: string) => `http://127.0.0.1:${server.port}/${name}`;
const byUrl = (name: string, mediaType?: string): MediaSource => ({
  kind: 'url',
  url: at(name),
  ...(mediaType && { mediaType }),
});
const image = (name: string): Part => ({ type: 'image', source: byUrl(name) });
const fetchUrl = createGuardedFetch({ allow: () => ['127.0.0.1'], maxBytes: 1_000_000, timeoutMs: 5000 });
const inline = (call: ChatCall, imageUrls: boolean | undefined = false, use: GuardedFetch = fetchUrl) =>
  createInlineMedia({ fetchUrl: use })(call, { quirks: { imageUrls } }, new AbortController().signal);

function callWith(...messages: Message['parts'][]): ChatCall {
  return {
    operation: 'chat',
    dialect: 'openai-chat',
    model: 'm',
    stream: false,
    passHeaders: {},
    raw: readJsonBody(Buffer.from('{"model":"m"}')),
    request: {
      dialect: 'openai-chat',
      model: 'm',
      messages: messages.map((parts) => ({ role: 'user', parts })),
      tools: [],
      stop: [],
      n: 1,
      stream: false,
      includeUsage: false,
      extensions: {},
    },
  };
}

const sourcesOf = (call: ChatCall) =>
  call.request.messages
    .flatMap(({ parts }) => parts)
    .flatMap((part): Part[] => (part.type === 'tool-result' ? part.parts : [part]))
    .map((part) => ('source' in part ? part.source : undefined));

async function faultOf(call: ChatCall): Promise<SluiceError> {
  const outcome = await inline(call).catch((thrown: unknown) => thrown);
  if (!(outcome instanceof SluiceError)) throw new Error('nothing was refused');
  return outcome;
}

test('images of every kind become base64 with the media type that their bytes have', async () => {
  const names = ['png', 'jpeg', 'jpg', 'gif', 'webp', 'unnamed', 'octets'];
  const types = ['png', 'jpeg', 'jpeg', 'gif', 'webp', 'png', 'jpeg'];
  const call = await inline(callWith(names.map(image)));
  expect(sourcesOf(call)).toEqual(
    names.map((name, index) => ({
      kind: 'base64',
      mediaType: `image/${types[index]}`,
      data: files[name]![1].toString('base64'),
    })),
  );
});

test('documents, sound, films and the images in tool results are taken too; all else stays', async () => {
  const result: Part = {
    type: 'tool-result',
    callId: 'a',
    isError: true,
    parts: [
      { type: 'text', text: 'seen' },
      { type: 'image', source: byUrl('png'), detail: 'low' },
    ],
  };
  const before = callWith(
    [
      { type: 'text', text: 'look', cache: {} },
      { type: 'document', source: byUrl('pdf'), filename: 'a.pdf', citations: true },
    ],
    [{ type: 'audio', source: byUrl('wav'), format: 'wav' }, { type: 'video', source: byUrl('mp4') }, result],
  );
  const untouched = structuredClone(before.request);
  const call = await inline(before);
  const base64 = (name: string, mediaType: string) => ({
    kind: 'base64',
    mediaType,
    data: files[name]![1].toString('base64'),
  });
  expect(call.request).toEqual({
    ...untouched,
    messages: [
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'look', cache: {} },
          { type: 'document', source: base64('pdf', 'application/pdf'), filename: 'a.pdf', citations: true },
        ],
      },
      {
        role: 'user',
        parts: [
          { type: 'audio', source: base64('wav', 'audio/wav'), format: 'wav' },
          { type: 'video', source: base64('mp4', 'video/mp4') },
          {
            ...result,
            parts: [
              { type: 'text', text: 'seen' },
              { type: 'image', source: base64('png', 'image/png'), detail: 'low' },
            ],
          },
        ],
      },
    ],
  } as typeof untouched);
  expect(before.request).toEqual(untouched);
});

test('a call whose only medium is a tool’s result is seen to', async () => {
  const result: Part = { type: 'tool-result', callId: 'a', parts: [{ type: 'image', source: byUrl('png') }] };
  expect(sourcesOf(await inline(callWith([{ type: 'text', text: 'a' }, result])))).toMatchObject([
    undefined,
    { kind: 'base64' },
  ] as object[]);
});

test('the caller’s own body is dropped when anything changed, since it says something else', async () => {
  const before = callWith([image('png')]);
  const call = await inline(before);
  expect(call.raw).toBeUndefined();
  expect(before.raw).toBeDefined();
});

test('the very same call comes back when there is nothing to do', async () => {
  asked = [];
  const local: Part[] = [
    { type: 'text', text: 'http://127.0.0.1/' },
    { type: 'image', source: { kind: 'base64', data: '', mediaType: 'image/png' } },
    { type: 'image', source: { kind: 'file-id', id: 'http://x' } },
    { type: 'image', source: { kind: 'url', url: 's3://bucket/a.png' } },
    { type: 'video', source: { kind: 'url', url: 'gs://bucket/a.mp4' } },
    { type: 'tool-result', callId: 'a', parts: [{ type: 'document', source: { kind: 'url', url: 'S3://b/c' } }] },
    { type: 'tool-call', id: 'a', name: 'f', arguments: '{"source":{"kind":"url","url":"http://x"}}' },
  ];
  for (const call of [callWith(), callWith([]), callWith(local)]) expect(await inline(call)).toBe(call);
  const remote = callWith([image('png')]);
  expect(await inline(remote, true)).toBe(remote);
  expect(await createInlineMedia({ fetchUrl })(remote, { quirks: {} }, new AbortController().signal)).toBe(remote);
  expect(asked).toEqual([]);
});

test('addresses of a provider’s own store stay beside media that are fetched', async () => {
  const call = await inline(callWith([{ type: 'video', source: { kind: 'url', url: 's3://b/a.mp4' } }, image('png')]));
  expect(sourcesOf(call)).toMatchObject([{ kind: 'url', url: 's3://b/a.mp4' }, { kind: 'base64' }]);
});

test('what has no media type of its own has the one the caller gave, and a PDF shows itself', async () => {
  const call = await inline(
    callWith([
      { type: 'document', source: byUrl('octets-pdf') },
      { type: 'document', source: byUrl('octets-other', 'text/plain') },
      { type: 'audio', source: byUrl('octets-other', 'audio/mpeg') },
    ]),
  );
  expect(sourcesOf(call)).toMatchObject([
    { mediaType: 'application/pdf' },
    { mediaType: 'text/plain' },
    { mediaType: 'audio/mpeg' },
  ]);
});

test('text in another character set becomes UTF-8', async () => {
  const call = await inline(callWith([{ type: 'document', source: byUrl('csv') }]));
  const [source] = sourcesOf(call);
  if (source?.kind !== 'base64') throw new Error('not replaced');
  expect(source.mediaType).toBe('text/csv');
  expect(Buffer.from(source.data, 'base64').toString()).toBe('Größe;Maß');
});

test.each([
  ['image', 'png-that-is-jpeg'],
  ['image', 'png-that-is-html'],
  ['image', 'octets-other'],
  ['image', 'svg'],
  ['image', 'html'],
  ['image', 'pdf'],
  ['image', 'empty'],
  ['image', 'absent'],
  ['document', 'png'],
  ['document', 'pdf-that-is-text'],
  ['document', 'octets-other'],
  ['audio', 'html'],
  ['video', 'octets-other'],
  ['video', 'png'],
] as const)('is refused as the caller’s fault: %s %s', async (type, name) => {
  const fault = await faultOf(callWith([{ type, source: byUrl(name) }]));
  expect(fault.code).toBe('invalid_request');
  expect(fault.message).not.toMatch(/secret|token/);
});

test('a host that cannot be reached is not blamed on the provider: no retry, no open circuit', async () => {
  const gone = await serve(() => {});
  await gone.close();
  const url = `http://127.0.0.1:${gone.port}/a.png`;
  const fault = await faultOf(callWith([{ type: 'image', source: { kind: 'url', url } }]));
  expect(fault.code).toBe('invalid_request');
  expect(fault.message).toContain('could not be reached');
});

test('twenty media are fetched at once, a twenty-first is refused before any is fetched', async () => {
  const waiting: (() => void)[] = [];
  const all: GuardedFetch = (url) =>
    new Promise((resolve) => {
      waiting.push(() => resolve({ bytes: files.png![1], contentType: 'image/png', finalUrl: url }));
      if (waiting.length === 20) for (const answer of waiting) answer();
    });
  const parts = Array.from({ length: 21 }, (_, index) => image(`png?${index}`));
  const call = await inline(callWith(parts.slice(0, 20)), false, all);
  expect(sourcesOf(call).every((source) => source?.kind === 'base64')).toBe(true);
  expect(waiting.length).toBe(20);
  await expect(inline(callWith(parts), false, all)).rejects.toMatchObject({ code: 'invalid_request' });
  expect(waiting.length).toBe(20);
});

test('one medium named many times is fetched once', async () => {
  asked = [];
  const call = await inline(callWith(...Array.from({ length: 30 }, () => [image('gif')])));
  expect(asked).toEqual(['/gif']);
  expect(sourcesOf(call).map((source) => source?.kind)).toEqual(Array.from({ length: 30 }, () => 'base64'));
});

test('a call that fails over to another target does not fetch again', async () => {
  asked = [];
  const inlineMedia = createInlineMedia({ fetchUrl });
  const call = callWith([image('png')]);
  const { signal } = new AbortController();
  const first = await inlineMedia(call, { quirks: { imageUrls: false } }, signal);
  expect(await inlineMedia(call, { quirks: { imageUrls: true } }, signal)).toBe(call);
  expect(await inlineMedia(call, { quirks: { imageUrls: false } }, signal)).toBe(first);
  expect(asked).toEqual(['/png']);
});

test('media that are too long together are refused, though each is not', async () => {
  const piece = Buffer.concat([files.png![1], Buffer.alloc(16 * 1024 * 1024)]);
  let stopped = 0;
  const all: GuardedFetch = async (url, { onBytes, signal }) => {
    if (url.endsWith('?5')) await new Promise((resolve) => signal.addEventListener('abort', () => resolve(stopped++)));
    onBytes?.(piece.length);
    return { bytes: piece, contentType: 'image/png', finalUrl: url };
  };
  const parts = Array.from({ length: 6 }, (_, index) => image(`png?${index}`));
  await expect(inline(callWith(parts.slice(0, 3)), false, all)).resolves.toBeDefined();
  await expect(inline(callWith(parts), false, all)).rejects.toMatchObject({
    code: 'invalid_request',
    message: 'The media of this request are longer than 67108864 bytes together.',
  });
  await Promise.resolve();
  expect(stopped).toBe(1);
});

test('the first fault stops the other fetches, and a caller who hangs up stops all', async () => {
  let stopped = 0;
  const some: GuardedFetch = (url, options) =>
    url.endsWith('?0')
      ? fetchUrl(at('absent'), options)
      : new Promise((_resolve, reject) => {
          const stop = () => {
            stopped++;
            reject(new SluiceError('client_closed', 'gone'));
          };
          options.signal.addEventListener('abort', stop);
        });
  const parts = [1, 0, 2].map((index) => image(`png?${index}`));
  await expect(inline(callWith(parts), false, some)).rejects.toMatchObject({ code: 'invalid_request' });
  expect(stopped).toBe(2);
  const caller = new AbortController();
  const waiting = createInlineMedia({ fetchUrl: some })(
    callWith(parts.slice(2)),
    { quirks: { imageUrls: false } },
    caller.signal,
  );
  caller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'client_closed' });
  expect(stopped).toBe(3);
});

test('an address inside the network is refused, and nobody is called', async () => {
  asked = [];
  const closed = createGuardedFetch({ allow: () => [], maxBytes: 1000, timeoutMs: 1000 });
  await expect(inline(callWith([image('png')]), false, closed)).rejects.toMatchObject({ code: 'invalid_request' });
  expect(asked).toEqual([]);
});
