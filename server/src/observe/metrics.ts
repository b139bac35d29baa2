import { Counter, type CounterConfiguration, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { nanosToUsd } from '../core/money.ts';
import type { CallRow } from '../ledger/call-row.ts';
import { createCallTally, type TokenKind } from './call-tally.ts';
import { Distribution, ReadHistogram } from './distribution.ts';

const overheadSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5];

/** The process's Prometheus metrics. What happens once a call is counted in plain numbers and read from them on demand. */
export function createMetrics(state: { coolingCredentials(): number; openCircuits(): number }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const tally = createCallTally();
  const overhead = new Distribution(overheadSeconds);
  const attempts = new PairCounts();
  const errors = new PairCounts();
  let inFlight = 0;

  readCounter(
    {
      registers,
      name: 'api_gateway_requests_total',
      help: 'Model calls by outcome status.',
      labelNames: ['model', 'backend', 'status'],
    },
    (add) => {
      for (const { model, backend, requestsByStatus } of tally.all())
        for (const [status, count] of requestsByStatus) add({ model, backend, status: String(status) }, count);
    },
  );
  new ReadHistogram(
    { registers, name: 'api_gateway_request_duration_seconds', help: 'From arrival to the last byte.' },
    () => tally.distributions('duration'),
  );
  readCounter(
    { registers, name: 'api_gateway_cost_total', help: 'US dollars spent.', labelNames: ['model'] },
    (add) => {
      for (const { model, costNanos } of tally.all()) add({ model }, nanosToUsd(costNanos));
    },
  );
  readCounter(
    {
      registers,
      name: 'api_gateway_baseline_cost_total',
      help: 'US dollars that the same calls would have cost at the model that savings are measured against.',
      labelNames: ['model'],
    },
    (add) => {
      for (const { model, baselineNanos } of tally.all()) add({ model }, nanosToUsd(baselineNanos));
    },
  );
  readCounter(
    { registers, name: 'api_gateway_team_requests_total', help: 'Model calls by team.', labelNames: ['team'] },
    (add) => {
      for (const [team, { requests }] of tally.teams()) add({ team }, requests);
    },
  );
  readCounter(
    { registers, name: 'api_gateway_team_cost_total', help: 'US dollars spent by team.', labelNames: ['team'] },
    (add) => {
      for (const [team, { costNanos }] of tally.teams()) add({ team }, nanosToUsd(costNanos));
    },
  );
  readCounter(
    {
      registers,
      name: 'api_gateway_cache_answers_total',
      help: 'Model calls by what a cache had to do with the answer.',
      labelNames: ['state'],
    },
    (add) => {
      for (const [state, calls] of tally.caches()) add({ state }, calls);
    },
  );
  readCounter(
    {
      registers,
      name: 'api_gateway_unpriced_total',
      help: 'Answered calls whose price is unknown.',
      labelNames: ['model'],
    },
    (add) => {
      for (const { model, unpriced } of tally.all()) add({ model }, unpriced);
    },
  );
  new ReadHistogram(
    { registers, name: 'api_gateway_time_to_first_token_seconds', help: 'From arrival to the first frame.' },
    () => tally.distributions('firstToken'),
  );
  new ReadHistogram(
    {
      registers,
      name: 'api_gateway_overhead_seconds',
      help: 'The part of the time to the first frame that was not spent waiting for providers.',
    },
    () => [[overhead, {}]],
  );
  readCounter(
    { registers, name: 'api_gateway_tokens_total', help: 'Tokens by kind.', labelNames: ['model', 'kind'] },
    (add) => {
      for (const { model, tokens } of tally.all())
        for (const kind of Object.keys(tokens) as TokenKind[]) add({ model, kind }, tokens[kind]);
    },
  );
  readCounter(
    {
      registers,
      name: 'api_gateway_attempts_total',
      help: 'Tries at providers by outcome.',
      labelNames: ['backend', 'outcome'],
    },
    (add) => attempts.each((backend, outcome, count) => add({ backend, outcome }, count)),
  );
  readCounter(
    {
      registers,
      name: 'api_gateway_errors_total',
      help: 'Requests that ended in an error, by code.',
      labelNames: ['dialect', 'code'],
    },
    (add) => errors.each((dialect, code, count) => add({ dialect, code }, count)),
  );
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

  return {
    registry,
    begun(): void {
      inFlight += 1;
    },
    ended(): void {
      inFlight -= 1;
    },
    /** Model calls being handled now. */
    inFlight: (): number => inFlight,
    /** Counts a settled call. */
    settled(row: CallRow, overheadMs: number | undefined): void {
      tally.count(row);
      if (overheadMs !== undefined) overhead.observe(overheadMs / 1000);
    },
    attempted: (backend: string, outcome: string): void => attempts.add(backend, outcome),
    failed: (dialect: string, code: string): void => errors.add(dialect, code),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

type Add<Label extends string> = (labels: Record<Label, string>, value: number) => void;

/** A counter whose figures are kept elsewhere, and read when somebody asks for the metrics. */
function readCounter<const Label extends string>(
  configuration: CounterConfiguration<Label>,
  read: (add: Add<Label>) => void,
): void {
  new Counter<Label>({
    ...configuration,
    collect() {
      this.reset();
      read((labels, value) => {
        if (value > 0) this.inc(labels, value);
      });
    },
  });
}

/** Counts by two words. */
class PairCounts {
  readonly #counts = new Map<string, Map<string, number>>();

  add(first: string, second: string): void {
    let counts = this.#counts.get(first);
    if (!counts) {
      counts = new Map();
      this.#counts.set(first, counts);
    }
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }

  each(visit: (first: string, second: string, count: number) => void): void {
    for (const [first, counts] of this.#counts) for (const [second, count] of counts) visit(first, second, count);
  }
}
