import type { AnswerFacts, CallContext, ModelCall } from '../../core/call.ts';
import type { EmbeddingsWire } from '../../core/embeddings.ts';
import type { Frame, Frames } from '../../core/frame.ts';
import { totalInput, usageOf } from '../../core/usage.ts';
import type { Next } from '../pipeline.ts';
import type { AnswerMemory } from './answer-memory.ts';
import { type Directives, notCached } from './directives.ts';
import { type Invalidation, isVoid, type Voidable } from './invalidation.ts';
import { normalEmbeddingSettings } from './normal-request.ts';
import { sha256 } from './request-key.ts';
import type { SharedCalls } from './share-calls.ts';
import type { SharedTexts } from './shared-answers.ts';

export type EmbeddingsCall = Extract<ModelCall, { operation: 'embeddings' }>;

/** One vector with its share of what its call cost. */
export interface StoredVector extends Voidable {
  scope: string;
  vector: Float64Array;
  /** The name that the provider gave its model. */
  named?: string;
  provider?: string;
  tokens: number;
  costNanos: number | null;
  storedAt: number;
  expiresAt: number;
  size: number;
}

export interface EmbeddingsCacheDeps {
  memory: AnswerMemory<StoredVector>;
  shared?: SharedTexts;
  calls: SharedCalls;
  wires: Record<EmbeddingsWire['name'], EmbeddingsWire>;
  invalidations(): readonly Invalidation[];
  costOf(facts: AnswerFacts, atMs: number): number | null;
  now(): number;
}

export interface Lookup {
  scope: string;
  /** What the model's name leads to. */
  model: string;
  /** Of the whole request. */
  hash: string;
  ttlSeconds: number;
  wish: Directives;
}

const mostSharedLookups = 256;
const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** Embeddings, kept vector by vector: of a list, only the inputs that are not known go to the provider. */
export function createEmbeddingsCache(deps: EmbeddingsCacheDeps) {
  const { memory, shared, calls, wires, invalidations, costOf, now } = deps;
  const sharedKey = (key: string) => `vector:${key}`;

  async function find(
    key: string,
    { scope, wish, ttlSeconds }: Lookup,
    ask: boolean,
  ): Promise<StoredVector | undefined> {
    let found = memory.get(key);
    if (!found && ask && shared) {
      const text = await shared.get(sharedKey(key)).catch(() => null);
      found = text === null ? undefined : parseVector(text);
      if (found) memory.put(key, found);
    }
    if (found?.scope !== scope || found.expiresAt <= now() || isVoid(found, invalidations())) return undefined;
    return (now() - found.storedAt) / 1000 <= Math.min(wish.maxAgeSeconds, ttlSeconds) ? found : undefined;
  }

  function keep(
    keys: string[],
    call: EmbeddingsCall,
    frame: Frame,
    facts: AnswerFacts,
    context: CallContext,
    at: Lookup,
  ) {
    const { inputs } = call.request;
    const answer = wires[frame.wire as EmbeddingsWire['name']].parseAnswer(
      JSON.parse(utf8.decode(frame.bytes)),
      inputs.length,
    );
    const lengths = inputs.map(({ length }) => length);
    const sum = lengths.reduce((total, length) => total + length, 0);
    const cost = costOf(facts, context.receivedAt);
    const tokens = facts.usage ? totalInput(facts.usage) : 0;
    const stored = answer.vectors.map((values, index): StoredVector => {
      const share = lengths[index]! / sum;
      return {
        scope: at.scope,
        hash: at.hash,
        organisationId: context.principal.organisationId,
        modelAsked: call.model,
        model: facts.model,
        named: answer.model,
        provider: facts.provider,
        tags: context.tags,
        vector: Float64Array.from(values),
        tokens: Math.round(tokens * share),
        costNanos: cost === null ? null : Math.round(cost * share),
        askedAt: context.receivedAt,
        storedAt: now(),
        expiresAt: now() + at.ttlSeconds * 1000,
        size: values.length * 8 + 400,
      };
    });
    for (const [index, each] of stored.entries()) {
      memory.put(keys[index]!, each);
      shared?.set(sharedKey(keys[index]!), writeVector(each), at.ttlSeconds * 1000).catch(() => {});
    }
    return stored;
  }

  /** The answer to a call all of whose vectors are known, in the dialect's own wire. */
  function build(call: EmbeddingsCall, vectors: StoredVector[]): Frame {
    const name = call.request.dialect === 'openai' ? 'openai-embeddings' : 'gemini-embeddings';
    const input = vectors.reduce((total, { tokens }) => total + tokens, 0);
    const answer = {
      model: vectors[0]?.named,
      vectors: vectors.map(({ vector }) => Array.from(vector)),
      usage: usageOf({ input }),
    };
    const body = wires[name].buildAnswer(answer, call.request, vectors[0]?.model ?? call.model);
    return { wire: name, bytes: encoder.encode(JSON.stringify(body)), events: () => [] };
  }

  return async function* answer(call: EmbeddingsCall, context: CallContext, next: Next, at: Lookup): Frames {
    const { facts } = context;
    const { inputs } = call.request;
    const settings = normalEmbeddingSettings(call.request);
    const keys = inputs.map((input) => `${at.scope}:${sha256(JSON.stringify([at.model, settings, input]))}`);
    const ask = inputs.length <= mostSharedLookups;
    const found = at.wish.read ? await Promise.all(keys.map((key) => find(key, at, ask))) : keys.map(() => undefined);
    const known = found.filter((each) => each !== undefined);
    if (known.length === inputs.length) {
      facts.cache = { state: 'exact', ...told(known, now()), key: at.hash };
      facts.model = known[0]!.model;
      facts.provider = known[0]!.provider;
      facts.route = 'answered from the cache';
      facts.firstFrameMs = performance.now() - context.startedMs;
      facts.upstreamMs = 0;
      facts.complete = true;
      yield build(call, known);
      return;
    }
    if (at.wish.onlyIfCached) throw notCached();
    facts.cache = { state: 'miss', key: at.hash };
    if (known.length === 0) {
      const form = `${call.dialect}|${call.request.encodingFormat}|${context.strict}`;
      const flightKey = at.wish.store && at.wish.read ? `${at.scope}:${at.hash}|${form}` : undefined;
      const alone = () => next(call, context);
      if (flightKey !== undefined && calls.has(flightKey)) {
        yield* calls.follow(flightKey, context, at.hash, alone);
        return;
      }
      const onWhole = ([frame]: readonly Frame[], whole: AnswerFacts) => {
        if (frame && at.wish.store) keep(keys, call, frame, whole, context, at);
      };
      yield* calls.lead(call, context, next, { key: flightKey, onWhole });
      return;
    }
    const missing = inputs.flatMap((_, index) => (found[index] ? [] : [index]));
    const rest: EmbeddingsCall = {
      ...call,
      raw: undefined,
      request: { ...call.request, inputs: missing.map((index) => inputs[index]!), batch: true },
    };
    let frame: Frame | undefined;
    for await (const each of next(rest, context)) frame ??= each;
    if (!frame) return;
    const missed = missing.map((index) => keys[index]!);
    const fresh = keep(missed, rest, frame, facts, context, at);
    for (const [place, index] of missing.entries()) found[index] = fresh[place];
    facts.cache = { state: 'partial', ...told(known, now()), key: at.hash };
    yield build(call, found as StoredVector[]);
  };
}

/** The age of the oldest, and what all of them would have cost. */
function told(vectors: StoredVector[], now: number): { ageSeconds: number; savedNanos: number | null } {
  let oldest = now;
  let saved: number | null = 0;
  for (const { storedAt, costNanos } of vectors) {
    oldest = Math.min(oldest, storedAt);
    saved = saved === null || costNanos === null ? null : saved + costNanos;
  }
  return { ageSeconds: Math.floor((now - oldest) / 1000), savedNanos: saved };
}

function writeVector({ vector, ...rest }: StoredVector): string {
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return JSON.stringify({ ...rest, vector: bytes.toString('base64') });
}

function parseVector(text: string): StoredVector {
  const { vector, ...rest } = JSON.parse(text) as Omit<StoredVector, 'vector'> & { vector: string };
  const bytes = Uint8Array.from(Buffer.from(vector, 'base64'));
  return { ...rest, vector: new Float64Array(bytes.buffer) };
}
