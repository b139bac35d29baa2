import { z } from 'zod';
import { bucketOf, latencyBuckets } from './latency-histogram.ts';

/** What is read of a settled call. */
export interface LiveCall {
  organisationId: string;
  modelUsed?: string | null;
  provider?: string | null;
  outcome: string;
  latencyMs: number;
  costNanos?: number | null;
  baselineNanos?: number | null;
  input: number;
  audioInput: number;
  cacheRead: number;
  cacheWrite: number;
  cacheWrite1h: number;
  output: number;
  audioOutput: number;
}

/** The sums of some calls: those of one organisation within one second, or of several added up. */
export interface LiveSums {
  requests: number;
  errors: number;
  /** Cached tokens included. */
  input: number;
  output: number;
  costNanos: number;
  savedNanos: number;
  /** How many calls fell into each bucket of `latency-histogram.ts`. */
  latencies: Map<number, number>;
  models: Map<string, { requests: number; costNanos: number }>;
  providers: Map<string, { requests: number; errors: number }>;
}

/** Beyond so many names within one second they are counted together: names of models may come from callers. */
const mostNames = 100;
const otherName = 'other';
/** Calls that no model answered: refused ones, for instance. */
const noName = 'none';

export const emptySums = (): LiveSums => ({
  requests: 0,
  errors: 0,
  input: 0,
  output: 0,
  costNanos: 0,
  savedNanos: 0,
  latencies: new Map(),
  models: new Map(),
  providers: new Map(),
});

/** Adds one call: a dozen additions and three look-ups, on the way of every request. */
export function addCall(sums: LiveSums, call: LiveCall): void {
  const error = call.outcome === 'ok' || call.outcome === 'aborted' ? 0 : 1;
  const cost = call.costNanos ?? 0;
  sums.requests += 1;
  sums.errors += error;
  sums.input += call.input + call.audioInput + call.cacheRead + call.cacheWrite + call.cacheWrite1h;
  sums.output += call.output + call.audioOutput;
  sums.costNanos += cost;
  // A call whose price is unknown has saved nothing that is known.
  if (call.costNanos != null && call.baselineNanos != null) sums.savedNanos += call.baselineNanos - cost;
  const bucket = bucketOf(call.latencyMs);
  sums.latencies.set(bucket, (sums.latencies.get(bucket) ?? 0) + 1);
  addToModel(sums, call.modelUsed ?? noName, 1, cost);
  addToProvider(sums, call.provider ?? noName, 1, error);
}

/** Adds sums to sums. */
export function addSums(to: LiveSums, from: LiveSums): void {
  to.requests += from.requests;
  to.errors += from.errors;
  to.input += from.input;
  to.output += from.output;
  to.costNanos += from.costNanos;
  to.savedNanos += from.savedNanos;
  for (const [bucket, count] of from.latencies) to.latencies.set(bucket, (to.latencies.get(bucket) ?? 0) + count);
  for (const [name, { requests, costNanos }] of from.models) addToModel(to, name, requests, costNanos);
  for (const [name, { requests, errors }] of from.providers) addToProvider(to, name, requests, errors);
}

function addToModel({ models }: LiveSums, name: string, requests: number, costNanos: number): void {
  const model = entryOf(models, name, () => ({ requests: 0, costNanos: 0 }));
  model.requests += requests;
  model.costNanos += costNanos;
}

function addToProvider({ providers }: LiveSums, name: string, requests: number, errors: number): void {
  const provider = entryOf(providers, name, () => ({ requests: 0, errors: 0 }));
  provider.requests += requests;
  provider.errors += errors;
}

function entryOf<Entry>(entries: Map<string, Entry>, name: string, make: () => Entry): Entry {
  const known = entries.get(name);
  if (known) return known;
  if (entries.size >= mostNames && name !== otherName) return entryOf(entries, otherName, make);
  const made = make();
  entries.set(name, made);
  return made;
}

const count = z.number().int().nonnegative();
const sumsSchema = z.object({
  requests: count,
  errors: count,
  input: count,
  output: count,
  costNanos: z.number(),
  savedNanos: z.number(),
  latencies: z.array(z.tuple([count.max(latencyBuckets - 1), count])),
  models: z.array(z.tuple([z.string(), z.object({ requests: count, costNanos: z.number() })])),
  providers: z.array(z.tuple([z.string(), z.object({ requests: count, errors: count })])),
});

/** Sums in a form that goes through JSON. */
export const writeSums = (sums: LiveSums): z.input<typeof sumsSchema> => ({
  ...sums,
  latencies: [...sums.latencies],
  models: [...sums.models],
  providers: [...sums.providers],
});

/** Sums as `writeSums` writes them. */
export const writtenSums = sumsSchema.transform(
  (read): LiveSums => ({
    ...read,
    latencies: new Map(read.latencies),
    models: new Map(read.models),
    providers: new Map(read.providers),
  }),
);
