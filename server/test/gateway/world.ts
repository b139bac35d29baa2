import type { JsonObject } from '../../src/core/json.ts';
import type { Dialect, WireName } from '../../src/core/wire-name.ts';
import { type Replayer, startReplayer } from '../replayer/replayer.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

/** A gateway with a replayer for each wire, and one that stands in for whichever fails. */
export interface World {
  gateway: TestGateway;
  /** The provider of a wire. */
  upstream: Record<ReplayedWire, Replayer>;
  /** Speaks OpenAI's Chat wire; the fallback of `standIn` models. */
  spare: Replayer;
  /**
   * A model at the provider of a wire, behind a credential and a circuit that no other test has used. `fallback`: with the
   * spare provider to fall back on.
   */
  model(wire: ReplayedWire, options?: { fallback?: boolean }): string;
  /** Forgets what the replayers were told and have seen. */
  reset(): void;
  stop(): Promise<void>;
}

export type ReplayedWire = Extract<WireName, 'openai-chat' | 'anthropic-messages' | 'gemini' | 'openai-responses'>;

const providersPerWire = 40;
const price = { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 };

/** `limits` and `retries` as in `sluice.yaml`. */
export async function startWorld({ limits, retries }: { limits?: JsonObject; retries?: JsonObject } = {}): Promise<World> {
  const upstream = {
    'openai-chat': await startReplayer(),
    'anthropic-messages': await startReplayer(),
    gemini: await startReplayer(),
    'openai-responses': await startReplayer(),
  };
  const spare = await startReplayer();
  const providers: JsonObject = { spare: { kind: 'openai-compatible', baseUrl: `${spare.url}/v1`, apiKey: 'spare-key' } };
  const models: JsonObject[] = [{ id: 'spare/model', price }];
  for (const [wire, replayer] of Object.entries(upstream)) {
    for (let index = 0; index < providersPerWire; index++) {
      const id = `${wire}-${index}`;
      providers[id] = providerOf(wire as ReplayedWire, replayer.url);
      models.push({ id: `${id}/model`, upstream: 'upstream-model', price });
      models.push({ id: `${id}/safe`, upstream: 'upstream-model', price, fallbacks: ['spare/model'] });
    }
  }
  const gateway = await testGateway({ config: { providers, models, ...(limits && { limits }), ...(retries && { retries }) } });
  let used = 0;
  return {
    gateway,
    upstream,
    spare,
    model: (wire, { fallback = false } = {}) => `${wire}-${used++ % providersPerWire}/${fallback ? 'safe' : 'model'}`,
    reset() {
      for (const replayer of [...Object.values(upstream), spare]) replayer.reset();
    },
    async stop() {
      await gateway.stop();
      await Promise.all([...Object.values(upstream), spare].map((replayer) => replayer.stop()));
    },
  };
}

function providerOf(wire: ReplayedWire, url: string): JsonObject {
  switch (wire) {
    case 'openai-chat':
      return { kind: 'openai-compatible', baseUrl: `${url}/v1`, apiKey: 'test-key' };
    case 'openai-responses':
      return { kind: 'openai-compatible', baseUrl: `${url}/v1`, apiKey: 'test-key', wires: ['openai-responses'] };
    case 'anthropic-messages':
      return { kind: 'anthropic', baseUrl: url, apiKey: 'test-key' };
    case 'gemini':
      return { kind: 'gemini', baseUrl: `${url}/v1beta`, apiKey: 'test-key' };
  }
}

/** Callers and providers, on the same wire and across: every fault is shown to each of these pairs. */
export const pairs: [caller: Dialect, provider: ReplayedWire][] = [
  ['openai-chat', 'openai-chat'],
  ['anthropic-messages', 'anthropic-messages'],
  ['openai-chat', 'anthropic-messages'],
  ['anthropic-messages', 'openai-chat'],
  ['openai-responses', 'openai-responses'],
  ['openai-responses', 'anthropic-messages'],
  ['gemini', 'gemini'],
  ['gemini', 'openai-chat'],
];
