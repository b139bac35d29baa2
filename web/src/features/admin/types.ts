/** Sums over the calls of a time, as the platform API gives them. */
export interface Sums {
  requests: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  totalTokens: number;
  costUsd: string;
  savedUsd: string;
  unpriced: number;
  latencyMs?: { p50: number | null; p95: number | null; p99: number | null };
  firstTokenMs?: { p50: number | null; p95: number | null; p99: number | null };
}

export interface UsageRow extends Sums {
  group: string | null;
}

/** A provider as `/api/v1/providers` shows it. */
export interface Provider {
  id: string;
  kind: string;
  local: boolean;
  wires: string[];
  credentials: string[];
  models: number;
  origin: 'file' | 'database' | 'environment' | 'built-in';
  enabled: boolean;
  /** Of one that was added here, without what is secret. */
  settings?: { baseUrl?: string; options?: Record<string, unknown>; wires?: string[]; firstByteMs?: number };
  keyHint?: string;
  /** Why it cannot be used. */
  fault?: string;
}
