import { Counter, Gauge, type Registry } from 'prom-client';

export interface ReplicaState {
  /** Whether there is a Redis that should be there and is not. */
  isDegraded(): boolean;
  replicas(): number;
  /** Calls that wait for their turn, by provider or model. */
  waiting(): Iterable<readonly [backend: string, calls: number]>;
}

/** Metrics of limits and of what replicas share. */
export function observeReplicas(registry: Registry, state: ReplicaState) {
  const registers = [registry];
  new Gauge({
    registers,
    name: 'api_gateway_degraded',
    aggregator: 'max',
    help: '1 while Redis is away and every replica keeps a part of the limits by itself.',
    collect() {
      this.set(state.isDegraded() ? 1 : 0);
    },
  });
  new Gauge({
    registers,
    name: 'api_gateway_replicas',
    aggregator: 'max',
    help: 'Replicas that share this Redis, as last seen.',
    collect() {
      this.set(state.replicas());
    },
  });
  new Gauge({
    registers,
    name: 'api_gateway_waiting',
    help: 'Calls that wait for their turn at a provider.',
    labelNames: ['backend'],
    collect() {
      this.reset();
      for (const [backend, calls] of state.waiting()) this.set({ backend }, calls);
    },
  });
  const refused = new Counter({
    registers,
    name: 'api_gateway_rate_limited_total',
    help: 'Calls refused by a limit, by what it counts.',
    labelNames: ['kind'],
  });
  return {
    refused: (kind: string): void => refused.inc({ kind }),
  };
}
