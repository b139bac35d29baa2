import { expect, test } from 'bun:test';
import { z } from 'zod';
import type { ProviderSettings } from './provider.ts';
import { isLocalHost, readBaseUrl, readCredentials, readHeaders, readOptions } from './settings.ts';
import { thrownBy } from './testing.ts';

const settings = (over: Partial<ProviderSettings> = {}): ProviderSettings => ({ id: 'p', kind: 'openai', ...over });
const fault = async (act: () => unknown) => {
  const error = (await thrownBy(act)) as { code: string; message: string; facts: { param: string } };
  return [error.code, error.facts.param, error.message];
};

test('an address keeps its path and its query, and loses trailing slashes', () => {
  const base = readBaseUrl(settings({ baseUrl: 'https://h.example/v1//?api-version=2' }), undefined);
  expect(base.at('/models')).toBe('https://h.example/v1/models?api-version=2');
  expect(base.at('/models?limit=1')).toBe('https://h.example/v1/models?limit=1&api-version=2');
  expect(readBaseUrl(settings(), 'http://127.0.0.1:1/v1').at('/a%3Ab')).toBe('http://127.0.0.1:1/v1/a%3Ab');
});

test('an address that is none, or holds a password, is refused by name', async () => {
  for (const baseUrl of ['nonsense', 'ftp://h/x', 'https://u:p@h/x', 'file:///etc/passwd']) {
    const [code, param, message] = await fault(() => readBaseUrl(settings({ baseUrl }), undefined));
    expect([code, param]).toEqual(['invalid_request', 'providers.p.baseUrl']);
    expect(message).not.toContain('u:p');
  }
  expect((await fault(() => readBaseUrl(settings(), undefined)))[2]).toContain('needs a baseUrl');
});

test('keys come from the settings first, then from the first variable that is set', () => {
  const variables = ['A', 'B'];
  const read = (over: Partial<ProviderSettings>, environment = {}) =>
    readCredentials(settings(over), environment, { variables }).map(({ id, secret, weight }) => [id, secret, weight]);
  expect(read({ apiKeys: [{ id: 'main', key: 'k1', weight: 3 }, { key: 'k2' }] })).toEqual([
    ['p/main', 'k1', 3],
    ['p/key-2', 'k2', 1],
  ]);
  expect(read({ apiKey: 'own' }, { A: 'a' })).toEqual([['p/key-1', 'own', 1]]);
  expect(read({}, { A: ' ', B: 'b' })).toEqual([['p/key-1', 'b', 1]]);
});

test('a missing key says what to set, unless the provider can do without', async () => {
  const [code, param, message] = await fault(() => readCredentials(settings(), {}, { variables: ['A', 'B'] }));
  expect([code, param]).toEqual(['invalid_request', 'providers.p.apiKey']);
  expect(message).toContain('A or B');
  expect(readCredentials(settings(), {}, { variables: [], optional: true })).toEqual([
    { id: 'p/no-key', weight: 1, secret: '' },
  ]);
});

test('bad keys are refused by their place', async () => {
  const read = (apiKeys: ProviderSettings['apiKeys']) => () =>
    readCredentials(settings({ apiKeys }), {}, { variables: [] });
  expect((await fault(read([{ key: ' ' }])))[1]).toBe('providers.p.apiKeys[0].key');
  expect((await fault(read([{ key: 'a', weight: 0 }])))[1]).toBe('providers.p.apiKeys[0].weight');
  expect(
    (
      await fault(
        read([
          { id: 'x', key: 'a' },
          { id: 'x', key: 'b' },
        ]),
      )
    )[1],
  ).toBe('providers.p.apiKeys[1].id');
});

test('headers are lower-cased, and those that would break the connection are refused', async () => {
  expect(readHeaders(settings({ headers: { 'OpenAI-Project': 'p' } }))).toEqual({ 'openai-project': 'p' });
  for (const name of ['Host', 'Content-Length', 'bad name']) {
    expect((await fault(() => readHeaders(settings({ headers: { [name]: 'v' } }))))[1]).toBe(
      `providers.p.headers.${name}`,
    );
  }
  expect((await fault(() => readHeaders(settings({ headers: { a: 'x\r\ny: z' } }))))[0]).toBe('invalid_request');
});

test('an unknown option is refused by name, a wrong one by its path', async () => {
  const schema = z.strictObject({ size: z.number().optional() });
  const read = (options: Record<string, unknown>) => () => readOptions(settings({ options }), schema);
  expect(await fault(read({ colour: 1 }))).toEqual([
    'invalid_request',
    'providers.p.options.colour',
    'A openai provider has no option colour.',
  ]);
  expect((await fault(read({ size: 'big' })))[1]).toBe('providers.p.options.size');
});

for (const [host, local] of [
  ['127.0.0.1', true],
  ['localhost', true],
  ['10.1.2.3', true],
  ['172.31.0.9', true],
  ['172.32.0.9', false],
  ['192.168.0.4', true],
  ['[::1]', true],
  ['[fd00::1]', true],
  ['[2606:4700::1]', false],
  ['gpu-box', true],
  ['gpu.lan', true],
  ['ollama.default.svc.cluster.local', true],
  ['10.example.com', false],
  ['api.openai.com', false],
  ['8.8.8.8', false],
] as const) {
  test(`${host} is ${local ? '' : 'not '}a machine of one's own`, () => {
    expect(isLocalHost(host)).toBe(local);
  });
}
