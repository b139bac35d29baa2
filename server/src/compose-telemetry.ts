import { hostname } from 'node:os';
import type { Registry } from 'prom-client';
import type { Environment } from './config/load.ts';
import type { ConfigFile } from './config/schema.ts';
import { sentrySettings, telemetrySettings } from './config/telemetry.ts';
import { newId } from './core/new-id.ts';
import type { Egress } from './egress/client.ts';
import { version } from './http/version.ts';
import type { Logger } from './observe/logger.ts';
import { createSentry } from './observe/sentry/sentry.ts';
import { createTelemetry } from './observe/telemetry/telemetry.ts';
import { observeTelemetry } from './observe/telemetry-metrics.ts';
import { traceCalls, traceContent } from './policy/trace-calls.ts';
import type { Setup } from './setup.ts';

export interface ComposeTelemetryDeps {
  setup(): Setup;
  environment: Environment;
  egress: Egress;
  logger: Logger;
  registry: Registry;
}

/** Throws in words when the environment says something about telemetry that cannot be used. */
export function checkTelemetry(config: ConfigFile, environment: Environment): void {
  telemetrySettings(config.telemetry, environment);
  sentrySettings(config.telemetry, environment);
}

/** Where traces, metrics, logs and unexpected errors go, when the operator says so. */
export function composeTelemetry({ setup, environment, egress, logger, registry }: ComposeTelemetryDeps) {
  const figures = observeTelemetry(registry);
  const telemetry = createTelemetry({
    settings: whileSame(
      () => setup().config,
      ({ telemetry }) => telemetrySettings(telemetry, environment),
    ),
    registry,
    kindOf: (provider) => setup().settings.get(provider)?.kind,
    onGone: figures.gone,
    egress,
    version,
    instanceId: newId('instance_'),
    onFault: (words) => logger.warn({ telemetry: words }, 'telemetry is not delivered'),
  });
  logger.tee(telemetry.logs);
  const sentry = createSentry({
    settings: whileSame(
      () => setup().config,
      ({ telemetry }) => sentrySettings(telemetry, environment),
    ),
    egress,
    release: version,
    instance: hostname(),
    secrets: () =>
      [...setup().providers.values()].flatMap(({ credentials }) => credentials.map(({ secret }) => secret)),
    onGone: (count, outcome) => figures.gone('errors', count, outcome),
  });
  return {
    gone: figures.gone,
    /** An error that nobody foresaw. */
    unexpected: sentry.report,
    begin: telemetry.begin,
    ended: telemetry.ended,
    outermost: traceCalls({ begin: () => telemetry.begin() }),
    innermost: traceContent({ wanted: telemetry.wantsContent }),
    async close(): Promise<void> {
      await Promise.all([telemetry.close(), sentry.close()]);
    },
  };
}

export type ComposedTelemetry = ReturnType<typeof composeTelemetry>;

/** What is made of a value, made again only when the value is another. */
function whileSame<Value, Made>(read: () => Value, make: (value: Value) => Made): () => Made {
  let last: { value: Value; made: Made } | undefined;
  return () => {
    const value = read();
    if (last?.value !== value) last = { value, made: make(value) };
    return last!.made;
  };
}
