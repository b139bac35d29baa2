/** What a key may be used for, beside its role and models; an absent list allows all. Entries may end in `*`. */
export interface KeyScopes {
  dialects?: string[];
  groups?: string[];
  /** Paths, like `/v1/embeddings`. */
  routes?: string[];
  /** Its calls stay on the operator's own machines. */
  localOnly?: boolean;
}

/** A virtual key as the platform API shows it; times are ISO 8601. */
export interface Key {
  id: string;
  organisationId: string;
  teamId: string | null;
  /** Null: a service key. */
  userId: string | null;
  name: string;
  hint: string;
  role: string;
  models: string[] | null;
  scopes: KeyScopes | null;
  addresses: string[] | null;
  tags: string[];
  createdBy: string | null;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
  /** Until when the secret before the last rotation still works; null: it does not. */
  previousUntil: string | null;
}

/** A key with its secret, which is shown once. */
export interface CreatedKey extends Key {
  key: string;
}
