import { expect, test } from 'bun:test';
import { createHash, createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bedrockProvider } from './bedrock.ts';
import type { OutgoingRequest, ProviderSettings } from './provider.ts';
import { callOf, fakeEgress, noSignal, thrownBy } from './testing.ts';

const accessKeyId = 'AKIAIOSFODNN7EXAMPLE';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: 'eu-north-1' };
const now = () => Date.UTC(2026, 2, 4, 5, 6, 7);

const make = (over: Partial<ProviderSettings> = {}, environment: Record<string, string> = keys) =>
  bedrockProvider({ id: 'aws', kind: 'bedrock', ...over }, environment, now);

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  [...Buffer.from(text)]
    .map((byte) =>
      /[A-Za-z0-9\-._~]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');

/** Signature Version 4 from the specification, apart from the library: the Authorization header a request should carry. */
function expectedAuthorization({ url, method, headers, body = '' }: OutgoingRequest, region: string): string {
  const { host, pathname, searchParams } = new URL(url);
  const signed = ['host', 'x-amz-date', ...(headers['x-amz-security-token'] ? ['x-amz-security-token'] : [])].sort();
  const sentValue = (name: string) => (name === 'host' ? host : headers[name]!);
  const canonical = [
    method,
    pathname.split('/').map(encode).join('/'), // the path as sent, encoded once more
    [...searchParams]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...signed.map((name) => `${name}:${sentValue(name)}`),
    '',
    signed.join(';'),
    sha256(body),
  ].join('\n');
  const time = headers['x-amz-date']!;
  const scope = `${time.slice(0, 8)}/${region}/bedrock/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const signature = createHmac('sha256', key)
    .update(['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n'))
    .digest('hex');
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed.join(';')}, Signature=${signature}`;
}

const models = [
  ['anthropic.claude-3-5-sonnet-20241022-v2:0', 'anthropic.claude-3-5-sonnet-20241022-v2%3A0'],
  [
    'arn:aws:bedrock:eu-north-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-6',
    'arn%3Aaws%3Abedrock%3Aeu-north-1%3A123456789012%3Ainference-profile%2Feu.anthropic.claude-sonnet-4-6',
  ],
  ["odd (name)!*'", 'odd%20%28name%29%21%2A%27'],
] as const;

for (const [upstream, segment] of models) {
  for (const stream of [false, true]) {
    test(`${upstream}, ${stream ? 'streamed' : 'whole'}: the address is encoded and the signature is right`, async () => {
      const provider = make();
      const sent = await provider.request(callOf(provider, { upstream, stream, body: '{"messages":[{"blåbær":1}]}' }));
      const action = stream ? 'converse-stream' : 'converse';
      expect(sent.url).toBe(`https://bedrock-runtime.eu-north-1.amazonaws.com/model/${segment}/${action}`);
      expect(sent.headers['x-amz-date']).toBe('20260304T050607Z');
      expect(sent.headers.authorization).toBe(expectedAuthorization(sent, 'eu-north-1'));
      expect(sent.headers.accept).toBe(stream ? 'application/vnd.amazon.eventstream' : 'application/json');
    });
  }
}

test('the address that is signed is the one that arrives, byte for byte', async () => {
  let seen = '';
  const server = createServer((request, response) => {
    seen = request.url!;
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const provider = make({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    for (const [upstream, segment] of models) {
      const sent = await provider.request(callOf(provider, { upstream }));
      await (await fetch(sent.url, { method: sent.method, headers: sent.headers, body: sent.body })).text();
      expect(seen).toBe(`/model/${segment}/converse`);
      expect(sent.headers.authorization).toBe(expectedAuthorization(sent, 'eu-north-1'));
    }
  } finally {
    server.close();
  }
});

test('addresses of images are for the gateway to fetch, Bedrock does not', () => {
  expect(make().quirks.imageUrls).toBe(false);
});

test('a session token is sent and signed', async () => {
  const provider = make({}, { ...keys, AWS_SESSION_TOKEN: 'FwoGZX+/=' });
  const sent = await provider.request(callOf(provider));
  expect(sent.headers['x-amz-security-token']).toBe('FwoGZX+/=');
  expect(sent.headers.authorization).toBe(expectedAuthorization(sent, 'eu-north-1'));
});

test('a Bedrock API key is a bearer token and comes before keys for other services', async () => {
  const provider = make({}, { ...keys, AWS_BEARER_TOKEN_BEDROCK: 'ABSKexample=' });
  const sent = await provider.request(callOf(provider));
  expect(sent.headers.authorization).toBe('Bearer ABSKexample=');
  expect(sent.headers['x-amz-date']).toBeUndefined();
});

test('keys may stand in the settings, in options or joined by colons', async () => {
  for (const over of [
    { options: { accessKeyId, secretAccessKey, region: 'us-west-2' } },
    { apiKey: `${accessKeyId}:${secretAccessKey}`, options: { region: 'us-west-2' } },
  ]) {
    const provider = make(over, {});
    const sent = await provider.request(callOf(provider));
    expect(sent.url).toStartWith('https://bedrock-runtime.us-west-2.amazonaws.com/');
    expect(sent.headers.authorization).toBe(expectedAuthorization(sent, 'us-west-2'));
  }
});

test('without keys, or with half of them, it says what to set', async () => {
  expect(await thrownBy(() => make({}, {}))).toMatchObject({ facts: { param: 'providers.aws.apiKey' } });
  expect(await thrownBy(() => make({ options: { accessKeyId } }, {}))).toMatchObject({
    facts: { param: 'providers.aws.options' },
  });
  expect(await thrownBy(() => make({ options: { region: 'eu/../x' } }))).toMatchObject({
    facts: { param: 'providers.aws.options.region' },
  });
});

test("the operator's own headers go along unsigned", async () => {
  const provider = make({ headers: { 'X-Trace': 't' } });
  const sent = await provider.request(callOf(provider));
  expect(sent.headers['x-trace']).toBe('t');
  expect(sent.headers.authorization).toBe(expectedAuthorization(sent, 'eu-north-1'));
});

test('tokens are counted by wrapping the request', async () => {
  const provider = make();
  const body = JSON.stringify({ messages: [1], system: [2], inferenceConfig: { maxTokens: 3 } });
  const sent = await provider.request(callOf(provider, { operation: 'count-tokens', body }));
  expect(sent.url).toEndWith('/model/some-model/count-tokens');
  expect(JSON.parse(sent.body!)).toEqual({ input: { converse: { messages: [1], system: [2] } } });
  expect(sent.headers.authorization).toBe(expectedAuthorization(sent, 'eu-north-1'));
});

const controlPlane = 'https://bedrock.eu-north-1.amazonaws.com';
const foundation = {
  modelSummaries: [
    { modelId: 'amazon.nova-lite-v1:0', modelName: 'Nova Lite', inferenceTypesSupported: ['ON_DEMAND'] },
    { modelId: 'anthropic.claude-sonnet-4-6', inferenceTypesSupported: ['INFERENCE_PROFILE'] },
    { modelId: 'old', modelLifecycle: { status: 'LEGACY' } },
    {},
  ],
};

test('models that can be called are listed, by their own name or that of a profile', async () => {
  const { egress, sent } = fakeEgress({
    [`${controlPlane}/foundation-models`]: foundation,
    [`${controlPlane}/inference-profiles?maxResults=1000`]: {
      inferenceProfileSummaries: [
        { inferenceProfileId: 'eu.anthropic.claude-sonnet-4-6', inferenceProfileName: 'EU Sonnet', status: 'ACTIVE' },
      ],
    },
  });
  expect(await make().listModels(egress, noSignal())).toEqual([
    { provider: 'amazon-bedrock', id: 'amazon.nova-lite-v1:0', name: 'Nova Lite', source: 'aws model list' },
    { provider: 'amazon-bedrock', id: 'eu.anthropic.claude-sonnet-4-6', name: 'EU Sonnet', source: 'aws model list' },
  ]);
  for (const request of sent) expect(request.headers.authorization).toBe(expectedAuthorization(request, 'eu-north-1'));
});

test('without the right to list profiles the foundation models are listed alone', async () => {
  const { egress } = fakeEgress({ 'http://127.0.0.1:1/foundation-models': foundation });
  expect((await make({ baseUrl: 'http://127.0.0.1:1' }).listModels(egress, noSignal())).map(({ id }) => id)).toEqual([
    'amazon.nova-lite-v1:0',
  ]);
});

test('no part of the credential is in an error', async () => {
  const quoting = async () => Response.json({ message: `bad: ${accessKeyId} ${secretAccessKey}` }, { status: 400 });
  const error = (await thrownBy(() => make().listModels(quoting, noSignal()))) as Error;
  expect(error.message).toBe('bad: *** ***');
});
