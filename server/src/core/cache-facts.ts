/**
 * Where an answer came from. `miss`: from the provider, the caches had nothing. `exact` and `semantic`: from a cache.
 * `shared`: from the call of somebody else who asked the same at the same moment. `partial`: some vectors of an embeddings
 * call from the cache, the others from the provider.
 */
export type CacheState = 'none' | 'miss' | 'exact' | 'semantic' | 'shared' | 'partial';

/** What a cache had to do with an answer. */
export interface CacheFacts {
  state: CacheState;
  /** How old the answer is, in whole seconds. */
  ageSeconds?: number;
  /** What the part that came from the cache would have cost; null when its price is unknown. */
  savedNanos?: number | null;
  /** What the exact cache knows the answer by. */
  key?: string;
}
