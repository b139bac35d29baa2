import { expect, test } from 'bun:test';
import { ollamaAddress } from './ollama.ts';
import { createOllamaAdmin } from './ollama-admin.ts';
import type { ModelPull } from './provider.ts';
import { createProvider } from './registry.ts';
import { callOf, fakeEgress, noSignal, thrownBy } from './testing.ts';

for (const [host, address] of [
  [undefined, 'http://127.0.0.1:11434'],
  ['', 'http://127.0.0.1:11434'],
  ['gpu', 'http://gpu:11434'],
  ['gpu:9000', 'http://gpu:9000'],
  [':9000', 'http://127.0.0.1:9000'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['0.0.0.0:9000', 'http://127.0.0.1:9000'],
  ['[::]:9000', 'http://127.0.0.1:9000'],
  ['[fd00::1]', 'http://[fd00::1]:11434'],
  ['http://gpu', 'http://gpu'],
  ['https://ollama.example/', 'https://ollama.example'],
  ['http://gpu:9000/behind/', 'http://gpu:9000/behind'],
] as const) {
  test(`OLLAMA_HOST=${host} is ${address}`, async () => {
    expect(ollamaAddress({ OLLAMA_HOST: host })).toBe(address);
    const provider = createProvider({ id: 'ollama', kind: 'ollama' }, { OLLAMA_HOST: host });
    expect((await provider.request(callOf(provider))).url).toBe(`${address}/v1/chat/completions`);
  });
}

test('an address may end in /v1 or not, and both APIs are found', async () => {
  for (const baseUrl of ['http://gpu:1', 'http://gpu:1/', 'http://gpu:1/v1', 'http://gpu:1/v1/']) {
    const provider = createProvider({ id: 'o', kind: 'ollama', baseUrl }, {});
    expect((await provider.request(callOf(provider))).url).toBe('http://gpu:1/v1/chat/completions');
    expect(provider.local).toBe(true);
    const { egress, sent } = fakeEgress({
      'http://gpu:1/api/tags': { models: [{ name: 'qwen3:8b', details: { family: 'qwen3' } }] },
    });
    expect(await provider.listModels(egress, noSignal())).toEqual([
      { provider: 'o', id: 'qwen3:8b', openWeights: true, family: 'qwen3', source: 'o model list' },
    ]);
    expect(sent[0]?.headers).toEqual({ accept: 'application/json' });
  }
});

const baseUrl = 'http://127.0.0.1:11434';

test('the admin tells the version, the models and what is loaded', async () => {
  const { egress } = fakeEgress({
    [`${baseUrl}/api/version`]: { version: '0.12.0' },
    [`${baseUrl}/api/tags`]: {
      models: [
        {
          name: 'a:1b',
          size: 5,
          modified_at: 't',
          digest: 'd',
          details: { parameter_size: '1B', quantization_level: 'Q4' },
        },
      ],
    },
    [`${baseUrl}/api/ps`]: { models: [{ name: 'a:1b', size: 6, size_vram: 4, expires_at: 'e', context_length: 4096 }] },
  });
  const admin = createOllamaAdmin({ baseUrl: `${baseUrl}/v1`, egress });
  expect(await admin.version(noSignal())).toBe('0.12.0');
  expect((await admin.models(noSignal()))[0]).toMatchObject({
    name: 'a:1b',
    sizeBytes: 5,
    parameterSize: '1B',
    quantization: 'Q4',
  });
  expect((await admin.running(noSignal()))[0]).toEqual({
    name: 'a:1b',
    sizeBytes: 6,
    videoMemoryBytes: 4,
    expiresAt: 'e',
    context: 4096,
  });
});

test('a server that is down is unreachable', async () => {
  const egress = async () => {
    throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  };
  expect(await thrownBy(() => createOllamaAdmin({ baseUrl, egress }).version(noSignal()))).toMatchObject({
    code: 'upstream_unreachable',
    message: 'ollama could not be reached (ECONNREFUSED).',
  });
});

const pull = async (body: string, size = 7): Promise<ModelPull[]> => {
  const bytes = Buffer.from(body);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
      controller.close();
    },
  });
  const { egress, sent } = fakeEgress({ [`${baseUrl}/api/pull`]: new Response(stream) });
  const steps: ModelPull[] = [];
  for await (const step of createOllamaAdmin({ baseUrl, egress }).pull('a:1b', noSignal())) steps.push(step);
  expect(sent[0]?.body).toBe('{"model":"a:1b","stream":true}');
  return steps;
};

test('a pull tells its progress, however the lines are cut', async () => {
  const body =
    '{"status":"pulling manifest"}\n{"status":"pulling æ","digest":"sha256:1","total":10,"completed":4}\n\n{"status":"success"}';
  for (const size of [1, 3, 1000]) {
    expect(await pull(body, size)).toEqual([
      { status: 'pulling manifest' },
      { status: 'pulling æ', digest: 'sha256:1', totalBytes: 10, completedBytes: 4 },
      { status: 'success' },
    ]);
  }
});

test('a pull that fails, is cut or makes no sense throws', async () => {
  expect(
    await thrownBy(() => pull('{"status":"pulling"}\n{"error":"pull model manifest: file does not exist"}\n')),
  ).toMatchObject({
    code: 'upstream_rejected',
    message: 'pull model manifest: file does not exist',
  });
  expect(await thrownBy(() => pull('{"status":"pulling"}\n'))).toMatchObject({ code: 'upstream_invalid_answer' });
  expect(await thrownBy(() => pull('<html>'))).toMatchObject({ code: 'upstream_invalid_answer' });
});

test('a model is removed by name', async () => {
  const { egress, sent } = fakeEgress({ [`${baseUrl}/api/delete`]: new Response('') });
  await createOllamaAdmin({ baseUrl, egress }).remove('a:1b', noSignal());
  expect(sent[0]).toMatchObject({ method: 'DELETE', body: '{"model":"a:1b"}' });
});
