import type { AnswerFacts, CallConstraints, CallContext, ChatCall, ModelCall } from '../core/call.ts';
import type { EmbeddingsWire } from '../core/embeddings.ts';
import type { Frame, Frames } from '../core/frame.ts';
import type { AnswerMemory } from './cache/answer-memory.ts';
import { type Directives, notCached, parseDirectives } from './cache/directives.ts';
import { createEmbeddingsCache, type StoredVector } from './cache/embeddings-cache.ts';
import { type Invalidation, isVoid } from './cache/invalidation.ts';
import { normalContext } from './cache/normal-request.ts';
import { isCacheable, isSampled, questionOf } from './cache/question.ts';
import { createRequestHash, headersThatMatter, scopeOf, sha256 } from './cache/request-key.ts';
import type { SemanticIndex } from './cache/semantic-index.ts';
import type { CacheSettings } from './cache/settings.ts';
import { createSharedCalls } from './cache/share-calls.ts';
import { createSharedAnswers, type SharedTexts } from './cache/shared-answers.ts';
import {
  contentOf,
  type DecodeAnswer,
  needsOwnId,
  replayAnswer,
  type StoredAnswer,
  tellFacts,
  variantOf,
} from './cache/stored-answer.ts';
import type { Next, Policy } from './pipeline.ts';

/** What a model's name leads to. */
export interface NamedModel {
  /** Equal for all names of it, different when the configuration sends them elsewhere. */
  identity: string;
  /** Whether an answer of this model is the one that was asked for, and not that of a model standing in. */
  isOwn(model: string): boolean;
}

export interface AnswerFromCacheDeps {
  /** The settings in force for an organisation; a promise only when they were never read. */
  settings(organisationId: string): CacheSettings | Promise<CacheSettings>;
  invalidations(): readonly Invalidation[];
  /** Undefined for a name that leads nowhere. */
  nameModel(name: string): NamedModel | undefined;
  memory: AnswerMemory<StoredAnswer>;
  vectors: AnswerMemory<StoredVector>;
  semantic: SemanticIndex;
  /** Shared with other replicas, when there are any. */
  shared?: SharedTexts;
  decode: DecodeAnswer;
  embeddings: Record<EmbeddingsWire['name'], EmbeddingsWire>;
  /**
   * The unit vector of a text, by a call of its own on the caller's account; undefined when that fails. Whoever embeds is bound by
   * what whoever answers is bound by.
   */
  embed(
    text: string,
    model: string,
    context: CallContext,
    constraints: CallConstraints | undefined,
  ): Promise<Float32Array | undefined>;
  costOf(facts: AnswerFacts, atMs: number): number | null;
  now?: () => number;
}

interface Asked {
  scope: string;
  hash: string;
  named: NamedModel;
  settings: CacheSettings;
  wish: Directives;
}

/** What a semantic cache compares: the question's vector, among those whose context is equal. */
interface Meaning {
  context: string;
  vector: Float32Array;
}

/**
 * Gives an answer that was given before: to the same request, or to one that means the same. Calls that are equal and run at
 * the same moment share one call to the provider. Without an enabled cache it adds nothing to a call.
 */
export const answerFromCache = (deps: AnswerFromCacheDeps): Policy => {
  const { settings, invalidations, nameModel, memory, semantic, decode, embed, costOf, now = Date.now } = deps;
  const requestHash = createRequestHash();
  const calls = createSharedCalls({ costOf });
  const shared = deps.shared && createSharedAnswers(deps.shared, now);
  const { vectors, embeddings: wires } = deps;
  const answerEmbeddings = createEmbeddingsCache({
    memory: vectors,
    shared: deps.shared,
    calls,
    wires,
    invalidations,
    costOf,
    now,
  });

  function answerWith(
    call: ModelCall,
    context: CallContext,
    next: Next,
    wish: Directives,
    inForce: CacheSettings,
  ): Frames {
    const { exact, semantic: byMeaning } = inForce;
    const named = exact.enabled || byMeaning.enabled ? demanded(nameModel(call.model), call.constraints) : undefined;
    const usable =
      named !== undefined &&
      (call.operation === 'embeddings' ? exact.enabled : call.operation === 'chat' && mayCache(call, inForce));
    if (!usable || (!wish.read && !wish.store)) {
      if (wish.onlyIfCached) throw notCached();
      return next(call, context);
    }
    const scope = scopeOf(context.principal, inForce.scope);
    const hash = requestHash(call, named.identity);
    if (call.operation === 'embeddings') {
      return answerEmbeddings(call, context, next, {
        scope,
        hash,
        model: named.identity,
        ttlSeconds: exact.ttlSeconds,
        wish,
      });
    }
    return answerChat(call as ChatCall, context, next, { scope, hash, named, settings: inForce, wish });
  }

  async function* answerLater(
    call: ModelCall,
    context: CallContext,
    next: Next,
    wish: Directives,
    later: Promise<CacheSettings>,
  ): Frames {
    yield* answerWith(call, context, next, wish, await later);
  }

  async function* answerChat(call: ChatCall, context: CallContext, next: Next, asked: Asked): Frames {
    const { scope, hash, settings: inForce, wish } = asked;
    const { exact } = inForce;
    const { facts } = context;
    const key = `${scope}:${hash}`;
    const found =
      wish.read && exact.enabled
        ? (usable(memory.get(key), context, asked) ?? (await findShared(context, asked)))
        : undefined;
    if (found) {
      yield hit('exact', found, call, context);
      return;
    }
    const flightKey =
      exact.enabled && wish.read && wish.store && !needsOwnId(call)
        ? `${key}|${call.dialect}|${call.stream}|${variantOf(call)}|${context.strict}`
        : undefined;
    const alone = () => next(call, context);
    if (flightKey !== undefined && !wish.onlyIfCached && calls.has(flightKey)) {
      yield* calls.follow(flightKey, context, hash, alone);
      return;
    }
    const meaning = await meaningOf(call, context, asked);
    if (meaning && wish.read) {
      const near = semantic.search(scope, meaning.context, meaning.vector, inForce.semantic.threshold, (answer) =>
        Boolean(usable(answer, context, asked, inForce.semantic.ttlSeconds)),
      );
      if (near) {
        yield hit('semantic', near.answer, call, context);
        return;
      }
    }
    if (wish.onlyIfCached) throw notCached();
    facts.cache = { state: 'miss', key: hash };
    // While the embedding was made, somebody else may have begun.
    if (flightKey !== undefined && calls.has(flightKey)) {
      yield* calls.follow(flightKey, context, hash, alone);
      return;
    }
    const onWhole = wish.store ? (frames: readonly Frame[]) => keep(frames, call, context, asked, meaning) : undefined;
    yield* calls.lead(call, context, next, { key: flightKey, onWhole });
  }

  /** The answer, if it is still good and this caller may have it. */
  function usable(
    answer: StoredAnswer | undefined,
    { strict }: CallContext,
    asked: Asked,
    ttlSeconds = asked.settings.exact.ttlSeconds,
  ) {
    if (!answer || answer.scope !== asked.scope || answer.expiresAt <= now()) return undefined;
    if ((now() - answer.storedAt) / 1000 > Math.min(asked.wish.maxAgeSeconds, ttlSeconds)) return undefined;
    if (strict && answer.losses.length > 0) return undefined;
    return isVoid(answer, invalidations()) ? undefined : answer;
  }

  async function findShared(context: CallContext, asked: Asked): Promise<StoredAnswer | undefined> {
    if (!shared) return undefined;
    const found = usable(await shared.get(asked.scope, asked.hash), context, asked);
    if (found) memory.put(`${asked.scope}:${asked.hash}`, found);
    return found;
  }

  async function meaningOf(
    call: ChatCall,
    context: CallContext,
    { settings: inForce, wish, named }: Asked,
  ): Promise<Meaning | undefined> {
    const { enabled, model } = inForce.semantic;
    if (!enabled || model === undefined || !wish.semantic) return undefined;
    const question = questionOf(call.request);
    if (question === undefined) return undefined;
    const vector = await embed(question, model, context, call.constraints);
    if (!vector) return undefined;
    return {
      context: sha256(
        JSON.stringify([
          named.identity,
          call.mode,
          model,
          headersThatMatter(call.passHeaders),
          normalContext(call.request),
        ]),
      ),
      vector,
    };
  }

  function hit(state: 'exact' | 'semantic', answer: StoredAnswer, call: ChatCall, context: CallContext): Frame {
    const { facts } = context;
    const ageSeconds = Math.max(0, Math.floor((now() - answer.storedAt) / 1000));
    tellFacts(context, answer, performance.now());
    facts.route =
      state === 'exact' ? 'answered from the cache' : 'answered from the cache: a question with the same meaning';
    facts.cache = { state, ageSeconds, savedNanos: answer.costNanos, key: answer.hash };
    return replayAnswer(answer, call, decode);
  }

  function keep(
    frames: readonly Frame[],
    call: ChatCall,
    context: CallContext,
    asked: Asked,
    meaning: Meaning | undefined,
  ): void {
    const { facts, principal } = context;
    // An answer of a model that only stood in would outlive the moment in which it had to.
    if (facts.model === undefined || !asked.named.isOwn(facts.model)) return;
    const { scope, hash, settings: inForce } = asked;
    const storedAt = now();
    const answer: StoredAnswer = {
      scope,
      hash,
      organisationId: principal.organisationId,
      modelAsked: call.model,
      model: facts.model,
      provider: facts.provider,
      wire: frames[0]!.wire as StoredAnswer['wire'],
      form: call.stream ? 'stream' : 'json',
      variant: variantOf(call),
      ...contentOf(frames),
      usage: facts.usage,
      finish: facts.finish,
      losses: facts.losses,
      tags: context.tags,
      costNanos: costOf(facts, context.receivedAt),
      askedAt: context.receivedAt,
      storedAt,
      expiresAt: storedAt + inForce.exact.ttlSeconds * 1000,
    };
    if (inForce.exact.enabled) {
      memory.put(`${scope}:${hash}`, answer);
      if (shared) void shared.put(answer);
    }
    if (meaning) {
      const expiresAt = storedAt + inForce.semantic.ttlSeconds * 1000;
      semantic.put(scope, meaning.context, meaning.vector, { ...answer, expiresAt });
    }
  }

  return function answerFromCache(call, context, next) {
    if (call.operation === 'count-tokens') return next(call, context);
    const wish = parseDirectives(context.cacheControl);
    const inForce = settings(context.principal.organisationId);
    return inForce instanceof Promise
      ? answerLater(call, context, next, wish, inForce)
      : answerWith(call, context, next, wish, inForce);
  };
};

const mayCache = ({ request }: ChatCall, { exact }: CacheSettings): boolean =>
  isCacheable(request) && (exact.sampled || !isSampled(request));

/** Whoever may not be asked everywhere is not given what was said elsewhere. */
function demanded(named: NamedModel | undefined, constraints: ModelCall['constraints']): NamedModel | undefined {
  if (!named || !constraints) return named;
  const { localOnly, group } = constraints;
  return {
    identity: `${named.identity}\nonly ${JSON.stringify([localOnly === true, group])}`,
    isOwn: group === undefined ? named.isOwn : () => true,
  };
}
