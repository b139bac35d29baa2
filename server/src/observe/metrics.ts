import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { nanosToUsd } from '../core/money.ts';
import type { CallRow } from '../ledger/call-row.ts';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];
const overheadSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5];

interface Bound {
  requests: { inc(): void };
  duration: { observe(value: number): void };
}

/** The process's Prometheus metrics. Children with their labels are made once and kept: labelling is the dear part. */
export function createMetrics(state: { coolingCredentials(): number; openCircuits(): number }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    registers,
    name: 'api_gateway_requests_total',
    help: 'Model calls by outcome status.',
    labelNames: ['model', 'backend', 'status'],
  });
  const duration = new Histogram({
    registers,
    name: 'api_gateway_request_duration_seconds',
    help: 'From arrival to the last byte.',
    labelNames: ['model', 'backend'],
    buckets: seconds,
  });
  const cost = new Counter({
    registers,
    name: 'api_gateway_cost_total',
    help: 'US dollars spent.',
    labelNames: ['model'],
  });
  const unpriced = new Counter({
    registers,
    name: 'api_gateway_unpriced_total',
    help: 'Answered calls whose price is unknown.',
    labelNames: ['model'],
  });
  const firstToken = new Histogram({
    registers,
    name: 'api_gateway_time_to_first_token_seconds',
    help: 'From arrival to the first frame.',
    labelNames: ['model', 'backend'],
    buckets: seconds,
  });
  const overhead = new Histogram({
    registers,
    name: 'api_gateway_overhead_seconds',
    help: 'The part of the time to the first frame that was not spent waiting for providers.',
    buckets: overheadSeconds,
  });
  const tokens = new Counter({
    registers,
    name: 'api_gateway_tokens_total',
    help: 'Tokens by kind.',
    labelNames: ['model', 'kind'],
  });
  const attempts = new Counter({
    registers,
    name: 'api_gateway_attempts_total',
    help: 'Tries at providers by outcome.',
    labelNames: ['backend', 'outcome'],
  });
  const errors = new Counter({
    registers,
    name: 'api_gateway_errors_total',
    help: 'Requests that ended in an error, by code.',
    labelNames: ['dialect', 'code'],
  });
  let inFlight = 0;
  new Gauge({
    registers,
    name: 'api_gateway_in_flight',
    help: 'Model calls being handled now.',
    collect() {
      this.set(inFlight);
    },
  });
  new Gauge({
    registers,
    name: 'api_gateway_cooldowns',
    help: 'Credentials resting after a limit or refusal.',
    collect() {
      this.set(state.coolingCredentials());
    },
  });
  new Gauge({
    registers,
    name: 'api_gateway_open_circuits',
    help: 'Deployments set aside after failures.',
    collect() {
      this.set(state.openCircuits());
    },
  });

  const bound = new Map<string, Bound>();
  const kept = new Map<string, { inc(value?: number): void; observe(value: number): void }>();
  const child = <T>(key: string, make: () => T): T => {
    let found = kept.get(key) as T | undefined;
    if (!found) {
      if (kept.size > 20_000) kept.clear();
      found = make();
      kept.set(key, found as never);
    }
    return found;
  };

  return {
    registry,
    begun(): void {
      inFlight += 1;
    },
    ended(): void {
      inFlight -= 1;
    },
    /** Counts a settled call. */
    settled(row: CallRow, overheadMs: number | undefined): void {
      // A name that no provider serves is the caller's text: as a label it would grow without bound.
      const model = row.modelUsed ?? 'none';
      const backend = row.provider ?? 'none';
      const key = `${model}|${backend}|${row.status}`;
      let pair = bound.get(key);
      if (!pair) {
        pair = {
          requests: requests.labels(model, backend, String(row.status)),
          duration: duration.labels(model, backend),
        };
        if (bound.size > 20_000) bound.clear();
        bound.set(key, pair);
      }
      pair.requests.inc();
      pair.duration.observe(row.latencyMs / 1000);
      if (row.costNanos === null || row.costNanos === undefined)
        child(`u|${model}`, () => unpriced.labels(model)).inc();
      else if (row.costNanos > 0) child(`c|${model}`, () => cost.labels(model)).inc(nanosToUsd(row.costNanos));
      if (row.firstTokenMs !== undefined && row.firstTokenMs !== null)
        child(`f|${model}|${backend}`, () => firstToken.labels(model, backend)).observe(row.firstTokenMs / 1000);
      if (overheadMs !== undefined) overhead.observe(overheadMs / 1000);
      const count = (kind: string, amount: number) => {
        if (amount > 0) child(`t|${model}|${kind}`, () => tokens.labels(model, kind)).inc(amount);
      };
      count('input', row.input + row.audioInput);
      count('cache_read', row.cacheRead);
      count('cache_write', row.cacheWrite + row.cacheWrite1h);
      count('output', row.output + row.audioOutput);
      count('reasoning', row.reasoning);
    },
    attempted(backend: string, outcome: string): void {
      child(`a|${backend}|${outcome}`, () => attempts.labels(backend, outcome)).inc();
    },
    failed(dialect: string, code: string): void {
      child(`e|${dialect}|${code}`, () => errors.labels(dialect, code)).inc();
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
