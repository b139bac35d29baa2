import { Counter, type Registry } from 'prom-client';

/** Metrics of budgets. */
export function observeMoney(registry: Registry) {
  const alerts = new Counter({
    registers: [registry],
    name: 'api_gateway_budget_alerts_total',
    help: 'Thresholds that budgets reached, by percent.',
    labelNames: ['threshold'],
  });
  return {
    alerted: (threshold: number): void => alerts.inc({ threshold: String(threshold) }),
  };
}
