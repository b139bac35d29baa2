/** Who shares answers: everybody of an organisation, the holder of one key, or one person with all their keys. */
export type CacheScope = 'organisation' | 'key' | 'user';

export interface ExactSettings {
  enabled: boolean;
  ttlSeconds: number;
  /** Also answers that were drawn by chance (a temperature above 0, or none said). */
  sampled: boolean;
}

export interface SemanticSettings {
  enabled: boolean;
  /** The embedding model; without one there is no semantic cache. */
  model?: string;
  /** Cosine from which two questions are taken for the same. */
  threshold: number;
  ttlSeconds: number;
}

export interface CacheSettings {
  exact: ExactSettings;
  semantic: SemanticSettings;
  scope: CacheScope;
}

/** What an organisation says otherwise. */
export interface CacheOverride {
  exact?: Partial<ExactSettings>;
  semantic?: Partial<SemanticSettings>;
  scope?: CacheScope;
}

/** The gateway's settings with an organisation's over them. */
export const withOverride = (base: CacheSettings, over: CacheOverride | undefined): CacheSettings =>
  over
    ? {
        exact: { ...base.exact, ...over.exact },
        semantic: { ...base.semantic, ...over.semantic },
        scope: over.scope ?? base.scope,
      }
    : base;
