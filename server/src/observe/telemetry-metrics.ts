import { Counter, type Registry } from 'prom-client';

/** Metrics of what goes to other systems: a collector, Sentry, the receivers of alerts. */
export function observeTelemetry(registry: Registry) {
  const items = new Counter({
    registers: [registry],
    name: 'api_gateway_telemetry_items_total',
    help: 'Traces, lines of the log, readings of metrics and errors that went to another system or were given up.',
    labelNames: ['signal', 'outcome'],
  });
  return {
    gone: (signal: string, count: number, outcome: 'sent' | 'dropped'): void => items.inc({ signal, outcome }, count),
  };
}
