import { Gauge, type Registry } from 'prom-client';

/** How many values fell into each bucket, kept as plain numbers: a value costs one search and three additions. */
export class Distribution {
  readonly #bounds: readonly number[];
  /** One more than there are bounds: the last takes what is above all of them. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#sum += value;
  }

  /** The samples of a Prometheus histogram, whose buckets each hold what the ones before them hold. */
  samples(name: string, labels: Record<string, string>): Sample[] {
    let count = 0;
    const samples = this.#counts.map((added, bucket): Sample => {
      count += added;
      return { metricName: `${name}_bucket`, value: count, labels: { le: this.#bounds[bucket] ?? '+Inf', ...labels } };
    });
    if (count === 0) return [];
    samples.push({ metricName: `${name}_sum`, value: this.#sum, labels });
    samples.push({ metricName: `${name}_count`, value: count, labels });
    return samples;
  }
}

interface Sample {
  metricName: string;
  value: number;
  labels: Record<string, string | number>;
}

export type LabelledDistribution = [Distribution, Record<string, string>];

/** A histogram whose distributions are kept elsewhere, and read when somebody asks for the metrics. */
export class ReadHistogram extends Gauge {
  constructor(
    private readonly configuration: { registers: Registry[]; name: string; help: string },
    private readonly read: () => LabelledDistribution[],
  ) {
    super(configuration);
  }

  override async get() {
    const { name } = this.configuration;
    const values = this.read().flatMap(([distribution, labels]) => distribution.samples(name, labels));
    // The library's types say a number where it writes this word.
    return { ...(await super.get()), type: 'histogram' as never, values };
  }
}
