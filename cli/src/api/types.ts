/** The objects of the platform API (`/api/v1`), as far as the command line reads them; `/openapi.json` describes all. */
export interface Key {
  id: string;
  name: string;
  hint: string;
  role: 'admin' | 'member';
  models: string[] | null;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

export interface CreatedKey extends Key {
  key: string;
}

export interface Model {
  id: string;
  provider: string;
  upstream?: string;
  name?: string;
  context?: number;
  maxOutput?: number;
  capabilities?: string[];
  /** US dollars per million tokens. */
  price?: { input?: number; output?: number };
}

/** A row of `/v1/models`, which lists aliases and groups too and leaves out what the key may not use. */
export interface ListedModel {
  id: string;
  owned_by: string;
  context_window?: number;
  max_output_tokens?: number;
  capabilities?: string[];
  pricing?: Model['price'];
}

export interface Provider {
  id: string;
  kind: string;
  local: boolean;
  wires: string[];
  credentials: string[];
  models: number;
}

export interface ProviderTest {
  id: string;
  reachable: boolean;
  keyValid: boolean | null;
  models: number | null;
  latencyMs: number;
  detail: string;
}

export interface Sums {
  requests: number;
  errors: number;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
  totalTokens: number;
  costUsd: string;
  savedUsd: string;
  unpriced: number;
}

export interface UsageRow extends Sums {
  group: string;
}

interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

export interface Stats extends Sums {
  latencyMs: Percentiles;
  firstTokenMs: Percentiles;
}

/** A row of the ledger. */
export interface Call {
  requestId: string;
  modelAsked: string;
  modelUsed: string | null;
  route: string | null;
  input: number;
  cacheRead: number;
  cacheWrite: number;
  cacheWrite1h: number;
  audioInput: number;
  output: number;
  reasoning: number;
  audioOutput: number;
  costUsd: string | null;
  savedUsd: string | null;
  latencyMs: number;
  firstTokenMs: number | null;
  outcome: string;
}
