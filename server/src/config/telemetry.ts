import { z } from 'zod';
import type { Environment } from './load.ts';

const httpUrl = z.url({ protocol: /^https?$/ });
const signal = z.enum(['traces', 'metrics', 'logs']);
const protocol = z.enum(['http/protobuf', 'http/json']);
const temporality = z.enum(['cumulative', 'delta']);
const share = z.number().min(0).max(1);
const everyMs = z.number().int().min(50);

export type TelemetrySignal = z.infer<typeof signal>;

const isDsn = (text: string): boolean =>
  URL.canParse(text) && /^https?:\/\/[^/@:]+(:[^/@]*)?@[^/]+\/(.*\/)?\d+$/.test(text);

/** The section `telemetry` of `sluice.yaml`. What it leaves out is taken from OpenTelemetry's own variables. */
export const telemetry = z.strictObject({
  endpoint: httpUrl.optional(),
  headers: z.record(z.string().regex(/^[\w-]+$/), z.string()).optional(),
  protocol: protocol.optional(),
  signals: z.array(signal).default(['traces', 'metrics', 'logs']),
  serviceName: z.string().min(1).optional(),
  resource: z.record(z.string(), z.string()).optional(),
  sampleRatio: share.optional(),
  /** Prompts and answers in spans and logs. */
  content: z.boolean().default(false),
  /** Who is told of the trace by `traceparent`. */
  propagate: z.enum(['none', 'local', 'all']).default('local'),
  temporality: temporality.optional(),
  exportMs: everyMs.default(5000),
  metricsMs: everyMs.default(60_000),
  sentry: z
    .strictObject({
      dsn: z.string().refine(isDsn, 'A DSN looks like https://key@host/1.').optional(),
      environment: z.string().min(1).optional(),
    })
    .default({}),
});

export type TelemetrySection = z.infer<typeof telemetry>;

/** Where telemetry goes, and how. */
export interface TelemetrySettings {
  /** Without a slash at the end; `/v1/traces` and the like are put after it. */
  endpoint: string;
  headers: Record<string, string>;
  protocol: z.infer<typeof protocol>;
  signals: ReadonlySet<TelemetrySignal>;
  serviceName: string;
  resource: Record<string, string>;
  sampleRatio: number;
  content: boolean;
  propagate: TelemetrySection['propagate'];
  temporality: z.infer<typeof temporality>;
  exportMs: number;
  metricsMs: number;
}

/** The section over the environment. Undefined when nothing says where to: then there is no telemetry. Throws an Error in words. */
export function telemetrySettings(section: TelemetrySection, environment: Environment): TelemetrySettings | undefined {
  const endpoint = section.endpoint ?? read(environment, 'OTEL_EXPORTER_OTLP_ENDPOINT', httpUrl);
  if (endpoint === undefined || environment.OTEL_SDK_DISABLED === 'true') return undefined;
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    headers: section.headers ?? pairs(environment.OTEL_EXPORTER_OTLP_HEADERS),
    protocol: section.protocol ?? read(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL', protocol) ?? 'http/protobuf',
    signals: new Set(section.signals),
    serviceName: section.serviceName ?? (environment.OTEL_SERVICE_NAME || 'sluice'),
    resource: section.resource ?? pairs(environment.OTEL_RESOURCE_ATTRIBUTES),
    sampleRatio:
      section.sampleRatio ?? read(environment, 'OTEL_TRACES_SAMPLER_ARG', z.coerce.number().pipe(share)) ?? 1,
    content: section.content,
    propagate: section.propagate,
    temporality:
      section.temporality ??
      read(environment, 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', temporality) ??
      'cumulative',
    exportMs: section.exportMs,
    metricsMs: section.metricsMs,
  };
}

/** Where unexpected errors are reported to. */
export interface SentrySettings {
  dsn: string;
  environment?: string;
}

export function sentrySettings({ sentry }: TelemetrySection, environment: Environment): SentrySettings | undefined {
  const dsn = sentry.dsn ?? read(environment, 'SENTRY_DSN', z.string().refine(isDsn));
  const stage = sentry.environment ?? (environment.SENTRY_ENVIRONMENT || undefined);
  return dsn === undefined ? undefined : { dsn, ...(stage !== undefined && { environment: stage }) };
}

function read<Value>(environment: Environment, name: string, schema: z.ZodType<Value>): Value | undefined {
  const text = environment[name];
  if (text === undefined || text === '') return undefined;
  const parsed = schema.safeParse(text);
  // The value is not said: it may hold a secret.
  if (!parsed.success) throw new Error(`${name} cannot be used: ${parsed.error.issues[0]?.message ?? 'wrong form'}`);
  return parsed.data;
}

/** `a=b,c=d` with values percent-encoded, as OpenTelemetry writes lists. */
function pairs(text = ''): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    if (at > 0) found[pair.slice(0, at).trim()] = decoded(pair.slice(at + 1).trim());
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
