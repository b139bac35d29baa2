import {
  type AnswerFacts,
  type CallConstraints,
  type CallContext,
  createAnswerFacts,
  type ModelCall,
} from './core/call.ts';
import { CallAbort } from './core/call-abort.ts';
import type { Freshness } from './core/fresh.ts';
import { costNanos } from './core/money.ts';
import { newId } from './core/new-id.ts';
import { SluiceError } from './core/sluice-error.ts';
import { wholeTokens } from './core/usage.ts';
import type { Watchdog } from './core/watchdog.ts';
import type { WireName } from './core/wire-name.ts';
import { answerFromCache, type NamedModel } from './policy/answer-from-cache.ts';
import { createAnswerMemory } from './policy/cache/answer-memory.ts';
import { createCacheService } from './policy/cache/cache-service.ts';
import type { StoredVector } from './policy/cache/embeddings-cache.ts';
import { isVoid } from './policy/cache/invalidation.ts';
import { createSemanticIndex, unitVector } from './policy/cache/semantic-index.ts';
import { createCacheStanding } from './policy/cache/standing.ts';
import type { StoredAnswer } from './policy/cache/stored-answer.ts';
import type { Next } from './policy/pipeline.ts';
import type { Registry } from './router/registry.ts';
import type { Setup } from './setup.ts';
import type { AuditedChange } from './store/audit-store.ts';
import { createCacheStore } from './store/cache-store.ts';
import type { Sql } from './store/database.ts';
import type { SharedRedis } from './store/redis.ts';
import { anthropicMessagesOutbound } from './wire/anthropic-messages/index.ts';
import { bedrockConverseOutbound } from './wire/bedrock-converse/index.ts';
import { geminiOutbound } from './wire/gemini/index.ts';
import { geminiEmbeddings } from './wire/gemini-embeddings/index.ts';
import { openaiChatOutbound } from './wire/openai-chat/index.ts';
import { openAiEmbeddings } from './wire/openai-embeddings/index.ts';
import { openaiResponsesOutbound } from './wire/openai-responses/index.ts';
import { parseSseEvents } from './wire/sse.ts';
import type { OutboundWire } from './wire/wire.ts';

export interface ComposeCacheDeps {
  /** How old what the database says may be. */
  fresh: Freshness;
  sql: () => Promise<Sql>;
  setup(): Setup;
  isOpen(): boolean;
  redis: SharedRedis | undefined;
  audited: AuditedChange;
  /** The whole pipeline, for the embeddings that the semantic cache needs. */
  run(): Next;
  watchdog: Watchdog;
  onFault(error: unknown): void;
}

/** An embedding that takes longer is done without. */
const embedWithinMs = 3000;
const channel = 'cache';

/** The caches: their policy, and what administrators do with them. */
export function composeCache({ fresh, sql, setup, isOpen, redis, audited, run, watchdog, onFault }: ComposeCacheDeps) {
  const base = () => setup().config.cache;
  const store = createCacheStore(sql);
  const maxBytes = () => base().exact.maxBytes;
  const memory = createAnswerMemory<StoredAnswer>({ maxBytes });
  const vectors = createAnswerMemory<StoredVector>({ maxBytes });
  const semantic = createSemanticIndex({ maxBytes: () => base().semantic.maxBytes });
  const standing = createCacheStanding({
    base,
    isOpen,
    onFault,
    ...fresh,
    load: async () => {
      const [overrides, rows] = await Promise.all([store.overrides(), store.invalidations()]);
      return { overrides, invalidations: rows.map(({ id: _, at, ...row }) => ({ ...row, at: at.getTime() })) };
    },
    onInvalidated(fresh) {
      const test = (answer: StoredAnswer | StoredVector) => isVoid(answer, fresh);
      memory.removeWhere(test);
      vectors.removeWhere(test);
      semantic.removeWhere(test);
    },
  });
  // Read once before the first call needs it.
  void standing.refresh();
  const unsubscribe = redis?.subscribe(channel, () => void standing.refresh());
  const nameModel = createModelNames(() => setup().registry);

  const policy = answerFromCache({
    settings: standing.settings,
    invalidations: standing.invalidations,
    nameModel,
    memory,
    vectors,
    semantic,
    shared: redis,
    decode,
    embeddings: { 'openai-embeddings': openAiEmbeddings, 'gemini-embeddings': geminiEmbeddings },
    embed: (text, model, context, constraints) => embed(text, model, context, constraints, run(), watchdog),
    costOf({ modelInfo, usage }: AnswerFacts, atMs) {
      if (!modelInfo || !usage) return null;
      const whole = wholeTokens(usage);
      return costNanos(whole, setup().catalog.priceFor(modelInfo, whole, atMs));
    },
  });
  const caches = createCacheService({
    store,
    audited,
    standing,
    memory,
    vectors,
    semantic,
    base,
    tell: () => void redis?.publish(channel, 'changed').catch(() => {}),
  });
  return { policy, caches, close: () => unsubscribe?.() };
}

const outbound: Record<WireName, OutboundWire> = {
  'openai-chat': openaiChatOutbound,
  'openai-responses': openaiResponsesOutbound,
  'anthropic-messages': anthropicMessagesOutbound,
  gemini: geminiOutbound,
  'bedrock-converse': bedrockConverseOutbound,
};
const utf8 = new TextDecoder();

function decode(wire: WireName, form: StoredAnswer['form'], bytes: Uint8Array) {
  const text = utf8.decode(bytes);
  if (form === 'json') return outbound[wire].parseAnswer(JSON.parse(text));
  const parser = outbound[wire].createStreamParser();
  return [...parseSseEvents(text).flatMap((event) => parser.parse(event)), ...parser.finish()];
}

/** What names lead to, remembered as long as the configuration and the groups stand. */
function createModelNames(registry: () => Registry) {
  const mostNames = 5000;
  let of: Registry | undefined;
  let version: object | undefined;
  let names = new Map<string, NamedModel>();

  return function nameModel(name: string): NamedModel | undefined {
    const current = registry();
    if (current !== of || current.version() !== version || names.size > mostNames) {
      of = current;
      version = current.version();
      names = new Map();
    }
    let named = names.get(name);
    if (!named) {
      try {
        named = describe(current, name);
      } catch {
        // A name that leads nowhere: the router says so, in words.
        return undefined;
      }
      names.set(name, named);
    }
    return named;
  };
}

function describe(registry: Registry, name: string): NamedModel {
  const found = registry.resolve(name);
  if (found.kind === 'group') {
    const { group } = found;
    return {
      identity: `group/${group.name}=${group.members.map(({ model }) => model).join(',')}`,
      isOwn: () => true,
    };
  }
  const places = new Set(found.model.deployments.map(({ id }) => id));
  return { identity: `${found.model.id}=${[...places].join(',')}`, isOwn: (model) => places.has(model) };
}

/** One text through the whole pipeline, on the account of whoever asks: limited, charged and written down like any call. */
async function embed(
  text: string,
  model: string,
  context: CallContext,
  constraints: CallConstraints | undefined,
  run: Next,
  watchdog: Watchdog,
) {
  const call: ModelCall = {
    operation: 'embeddings',
    dialect: 'openai-chat',
    model,
    stream: false,
    passHeaders: {},
    ...(constraints && { constraints: { ...constraints, group: undefined } }),
    request: { dialect: 'openai', model, inputs: [text], encodingFormat: 'float', batch: false, extensions: {} },
  };
  const abort = new CallAbort();
  const letGo = context.abort.onAbort((reason) => abort.abort(reason));
  const watch = watchdog.watch(embedWithinMs, () =>
    abort.abort(new SluiceError('upstream_timeout', `The embedding took longer than ${embedWithinMs} ms.`)),
  );
  try {
    const frames = run(call, {
      requestId: newId('req_'),
      abort,
      receivedAt: Date.now(),
      startedMs: performance.now(),
      // The operator chose the model, whatever models the key may name itself.
      principal: { ...context.principal, models: undefined, scopes: undefined },
      strict: false,
      tags: context.tags,
      facts: createAnswerFacts(),
    });
    let vector: number[] | undefined;
    for await (const { wire, bytes } of frames) {
      const codec = wire === 'gemini-embeddings' ? geminiEmbeddings : openAiEmbeddings;
      vector ??= codec.parseAnswer(JSON.parse(utf8.decode(bytes)), 1).vectors[0];
    }
    return vector && unitVector(vector);
  } catch {
    // Without a vector the question goes to the model, as if there were no semantic cache. The row says what failed.
    return undefined;
  } finally {
    watch.stop();
    letGo();
  }
}
