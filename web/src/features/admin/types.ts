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
