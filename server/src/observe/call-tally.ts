import type { CallRow } from '../ledger/call-row.ts';
import { Distribution, type LabelledDistribution } from './distribution.ts';

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Beyond so many models at one place they are counted together: names of models may come from callers. */
const maxModels = 5000;
const otherModels = 'other';
/** Beyond so many teams they are counted together. */
const maxTeams = 1000;

export type TokenKind = 'input' | 'cache_read' | 'cache_write' | 'output' | 'reasoning';

/** What one model at one backend did, as plain numbers. */
interface Tally {
  model: string;
  backend: string;
  requestsByStatus: Map<number, number>;
  duration: Distribution;
  firstToken: Distribution;
  costNanos: number;
  /** What the priced calls would have cost at the model that savings are measured against. */
  baselineNanos: number;
  unpriced: number;
  tokens: Record<TokenKind, number>;
}

/** What the calls of one team came to. */
interface TeamTally {
  requests: number;
  costNanos: number;
}

/**
 * Counts settled calls. A call is one look-up and a dozen additions (labelled counters would search their labels each time); Prometheus's form is made
 * of the numbers when somebody asks.
 */
export function createCallTally() {
  const tallies = new Map<string, Map<string, Tally>>();

  function tallyOf(model: string, backend: string): Tally {
    let models = tallies.get(backend);
    if (!models) {
      models = new Map();
      tallies.set(backend, models);
    }
    const known = models.get(model);
    if (known) return known;
    if (models.size >= maxModels && model !== otherModels) return tallyOf(otherModels, backend);
    const made = createTally(model, backend);
    models.set(model, made);
    return made;
  }

  const teams = new Map<string, TeamTally>();
  const caches = new Map<string, number>();

  function countTeam(row: CallRow): void {
    const named = row.teamId ?? 'none';
    const name = teams.has(named) || teams.size < maxTeams ? named : 'other';
    const tally = teams.get(name) ?? { requests: 0, costNanos: 0 };
    teams.set(name, tally);
    tally.requests += 1;
    tally.costNanos += row.costNanos ?? 0;
  }

  const all = (): Tally[] => [...tallies.values()].flatMap((models) => [...models.values()]);

  return {
    all,
    /** Calls by what a cache had to do with their answer. */
    caches: (): Iterable<[state: string, calls: number]> => caches,
    teams: (): Iterable<[team: string, tally: TeamTally]> => teams,
    count(row: CallRow): void {
      // A name that no provider serves is the caller's text: as a label it would grow without bound.
      const tally = tallyOf(row.modelUsed ?? 'none', row.provider ?? 'none');
      const { requestsByStatus, tokens } = tally;
      requestsByStatus.set(row.status, (requestsByStatus.get(row.status) ?? 0) + 1);
      tally.duration.observe(row.latencyMs / 1000);
      if (row.firstTokenMs != null) tally.firstToken.observe(row.firstTokenMs / 1000);
      if (row.costNanos == null) tally.unpriced += 1;
      else {
        tally.costNanos += row.costNanos;
        tally.baselineNanos += row.baselineNanos ?? row.costNanos;
      }
      countTeam(row);
      const cache = row.cache ?? 'none';
      caches.set(cache, (caches.get(cache) ?? 0) + 1);
      tokens.input += row.input + row.audioInput;
      tokens.cache_read += row.cacheRead;
      tokens.cache_write += row.cacheWrite + row.cacheWrite1h;
      tokens.output += row.output + row.audioOutput;
      tokens.reasoning += row.reasoning;
    },
    distributions: (which: 'duration' | 'firstToken'): LabelledDistribution[] =>
      all().map((tally) => [tally[which], { model: tally.model, backend: tally.backend }]),
  };
}

const createTally = (model: string, backend: string): Tally => ({
  model,
  backend,
  requestsByStatus: new Map(),
  duration: new Distribution(seconds),
  firstToken: new Distribution(seconds),
  costNanos: 0,
  baselineNanos: 0,
  unpriced: 0,
  tokens: { input: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 },
});
