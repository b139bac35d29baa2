import { asObject, type JsonObject } from '../../src/core/json.ts';
import type { Dialect, WireName } from '../../src/core/wire-name.ts';
import { type ReceivedRequest, type Replayer, startReplayer } from '../replayer/replayer.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

/** A gateway with a replayer for each wire, and one that stands in for whichever fails. */
export interface World {
  gateway: TestGateway;
  /** The provider of a wire. */
  upstream: Record<ReplayedWire, Replayer>;
  /** Speaks OpenAI's Chat wire; the fallback of `standIn` models. */
  spare: Replayer;
  /**
   * A model of its own at the provider of a wire. `fallback`: with the spare provider to fall back on. `credential`: behind
   * a credential that no other test has used, for faults that set it aside.
   */
  model(wire: ReplayedWire, options?: { fallback?: boolean; credential?: boolean }): string;
  /** What the provider of this model was sent for it. */
  sentFor(model: string): ReceivedRequest[];
  /** Forgets what the replayers were told and have seen. */
  reset(): void;
  stop(): Promise<void>;
}

export type ReplayedWire = Extract<WireName, 'openai-chat' | 'anthropic-messages' | 'gemini' | 'openai-responses'>;

const sharedModels = 200;
const ownCredentials = 60;
const price = { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 };

/** `limits` and `retries` as in `sluice.yaml`. */
export async function startWorld({
  limits,
  retries,
}: {
  limits?: JsonObject;
  retries?: JsonObject;
} = {}): Promise<World> {
  const upstream = {
    'openai-chat': await startReplayer(),
    'anthropic-messages': await startReplayer(),
    gemini: await startReplayer(),
    'openai-responses': await startReplayer(),
  };
  const spare = await startReplayer();
  const providers: JsonObject = {
    spare: { kind: 'openai-compatible', baseUrl: `${spare.url}/v1`, apiKey: 'spare-key' },
  };
  const models: JsonObject[] = [{ id: 'spare/model', price }];
  for (const [wire, { url }] of Object.entries(upstream) as [ReplayedWire, Replayer][]) {
    const provide = (provider: string, name: string) => {
      providers[provider] = providerOf(wire, url);
      models.push({ id: `${provider}/${name}`, provider, price });
      models.push({ id: `${provider}/${name}-safe`, provider, price, fallbacks: ['spare/model'] });
    };
    // The name that the provider is called with tells whose request it was.
    for (let index = 0; index < sharedModels; index++) provide(wire, `${wire}-${index}`);
    for (let index = 0; index < ownCredentials; index++) provide(`${wire}-alone-${index}`, `${wire}-alone-${index}`);
  }
  const gateway = await testGateway({
    config: { providers, models, ...(limits && { limits }), ...(retries && { retries }) },
  });
  const used = new Map<string, number>();
  return {
    gateway,
    upstream,
    spare,
    model(wire, { fallback = false, credential = false } = {}) {
      const kind = credential ? `${wire}-alone` : wire;
      const index = used.get(kind) ?? 0;
      if (index === (credential ? ownCredentials : sharedModels))
        throw new Error(`All ${index} models of ${kind} are used up.`);
      used.set(kind, index + 1);
      return `${credential ? `${kind}-${index}` : wire}/${kind}-${index}${fallback ? '-safe' : ''}`;
    },
    sentFor(model) {
      const name = model.slice(model.indexOf('/') + 1);
      const all = Object.values(upstream).flatMap(({ requests }) => requests);
      return all.filter(({ json, path }) => asObject(json)?.model === name || path.includes(`/models/${name}:`));
    },
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

export type Pair = (typeof pairs)[number];

/** Runs one check for every pair at once, streamed and not; what fails names its pair. */
export async function everyPair(
  check: (caller: Dialect, provider: ReplayedWire, stream: boolean) => Promise<void>,
  { streams = [false, true], of = pairs }: { streams?: boolean[]; of?: Pair[] } = {},
): Promise<void> {
  const runs = of.flatMap(([caller, provider]) => streams.map((stream) => ({ caller, provider, stream })));
  const faults = await Promise.all(
    runs.map(async ({ caller, provider, stream }) => {
      try {
        await check(caller, provider, stream);
        return [];
      } catch (error) {
        return [
          `${caller} caller, ${provider} provider, ${stream ? 'streamed' : 'whole'}: ${(error as Error).message}`,
        ];
      }
    }),
  );
  const all = faults.flat();
  if (all.length > 0) throw new Error(`${all.length} of ${runs.length} pairs failed:\n${all.join('\n')}`);
}
