import type { TelemetrySettings, TelemetrySignal } from '../../config/telemetry.ts';
import type { Egress } from '../../egress/client.ts';
import type { Delivery } from '../outbox.ts';
import { attributesOf, type OtlpLogRecord, type OtlpMetric, type OtlpSpan } from './otlp.ts';
import { encodeProtobuf } from './protobuf.ts';

export interface ExporterDeps {
  egress: Egress;
  version: string;
  /** Tells this process from other replicas. */
  instanceId: string;
  /** Told when a collector refuses or cannot be reached, at most once a minute. */
  onFault(words: string): void;
  nowMs?: () => number;
}

export type Exported =
  | { signal: 'traces'; spans: OtlpSpan[] }
  | { signal: 'logs'; records: OtlpLogRecord[] }
  | { signal: 'metrics'; metrics: OtlpMetric[] };

const sendWithinMs = 10_000;
const tellEveryMs = 60_000;
/** What the protocol calls worth a retry (https://opentelemetry.io/docs/specs/otlp/#failures-1). */
const transient: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const roots = { traces: 'Traces', logs: 'Logs', metrics: 'Metrics' } as const satisfies Record<TelemetrySignal, string>;

/** Sends spans, log records and metrics to a collector by OTLP over HTTP. */
export function createExporter({ egress, version, instanceId, onFault, nowMs = Date.now }: ExporterDeps) {
  let toldMs = Number.NEGATIVE_INFINITY;

  function tell(words: string): void {
    if (nowMs() - toldMs < tellEveryMs) return;
    toldMs = nowMs();
    onFault(words);
  }

  function messageOf(exported: Exported, { serviceName, resource: more }: TelemetrySettings): object {
    const scope = { name: 'sluice', version };
    const resource = {
      attributes: attributesOf({
        'service.name': serviceName,
        'service.version': version,
        'service.instance.id': instanceId,
        ...more,
      }),
    };
    switch (exported.signal) {
      case 'traces':
        return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: exported.spans }] }] };
      case 'logs':
        return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: exported.records }] }] };
      case 'metrics':
        return { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: exported.metrics }] }] };
    }
  }

  return async function send(exported: Exported, settings: TelemetrySettings): Promise<Delivery> {
    const { endpoint, protocol, headers } = settings;
    const json = protocol === 'http/json';
    const message = messageOf(exported, settings);
    try {
      const response = await egress(
        {
          url: `${endpoint}/v1/${exported.signal}`,
          method: 'POST',
          headers: {
            ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
            'content-type': json ? 'application/json' : 'application/x-protobuf',
          },
          ...(json ? { body: JSON.stringify(message) } : { body: encodeProtobuf(roots[exported.signal], message) }),
        },
        { signal: AbortSignal.timeout(sendWithinMs) },
      );
      response.body?.cancel().catch(() => {});
      if (response.ok) return 'sent';
      // The address may hold a key in its path, and the answer may quote one: neither is said.
      tell(`the collector answers ${exported.signal} with status ${response.status}`);
      return transient.has(response.status) ? 'later' : 'refused';
    } catch {
      tell(`the collector cannot be reached with ${exported.signal}`);
      return 'later';
    }
  };
}

export type Exporter = ReturnType<typeof createExporter>;
