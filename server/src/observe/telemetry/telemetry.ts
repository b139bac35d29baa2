import type { Registry } from 'prom-client';
import type { TelemetrySettings, TelemetrySignal } from '../../config/telemetry.ts';
import type { CallContext } from '../../core/call.ts';
import { CallTrace, isSampled, newTraceId, parseTraceParent } from '../../core/call-trace.ts';
import type { CallRow } from '../../ledger/call-row.ts';
import { createOutbox, type Delivery } from '../outbox.ts';
import { type EndedCall, type ProviderKindOf, spansOf } from './call-spans.ts';
import { createExporter, type ExporterDeps } from './exporter.ts';
import { logRecord } from './log-records.ts';
import { createMetricReader } from './metric-points.ts';
import type { OtlpLogRecord } from './otlp.ts';

export interface TelemetryDeps extends ExporterDeps {
  /** Undefined while there is no telemetry. */
  settings(): TelemetrySettings | undefined;
  registry: Registry;
  kindOf: ProviderKindOf;
  onGone(signal: TelemetrySignal, count: number, outcome: 'sent' | 'dropped'): void;
}

/** While nothing is sent it is looked at so often whether something should be. */
const idleMs = 60_000;

/** Traces, logs and metrics on their way to a collector. None of it waits for the collector, and none of it fails. */
export function createTelemetry(deps: TelemetryDeps) {
  const { settings, registry, kindOf, onGone, nowMs = Date.now } = deps;
  const send = createExporter(deps);
  const readMetrics = createMetricReader(registry, nowMs());
  const wanted = (signal: TelemetrySignal): TelemetrySettings | undefined => {
    const now = settings();
    return now?.signals.has(signal) ? now : undefined;
  };
  const everyMs = () => settings()?.exportMs ?? idleMs;

  const calls = createOutbox<EndedCall>({
    everyMs,
    onGone: (count, outcome) => onGone('traces', count, outcome),
    async deliver(ended): Promise<Delivery> {
      const to = wanted('traces');
      return to ? send({ signal: 'traces', spans: ended.flatMap((call) => spansOf(call, kindOf)) }, to) : 'refused';
    },
  });
  const lines = createOutbox<string>({
    everyMs,
    onGone: (count, outcome) => onGone('logs', count, outcome),
    async deliver(texts): Promise<Delivery> {
      const to = wanted('logs');
      if (!to) return 'refused';
      const records = texts
        .map((line) => logRecord(line, to, nowMs()))
        .filter((record): record is OtlpLogRecord => record !== undefined);
      return records.length === 0 ? 'sent' : send({ signal: 'logs', records }, to);
    },
  });

  async function sendMetrics(): Promise<void> {
    const to = wanted('metrics');
    if (!to) return;
    const metrics = await readMetrics(to.temporality);
    // The next reading says as much: nothing is tried twice.
    const came = await send({ signal: 'metrics', metrics }, to);
    onGone('metrics', 1, came === 'sent' ? 'sent' : 'dropped');
  }
  let timer: ReturnType<typeof setTimeout>;
  const schedule = () => {
    timer = setTimeout(() => void sendMetrics().finally(schedule), settings()?.metricsMs ?? idleMs);
    timer.unref?.();
  };
  schedule();

  return {
    /** The trace of a call that begins, below the caller's own when there is one; undefined while calls are not traced. */
    begin(headers?: Headers): CallTrace | undefined {
      const to = wanted('traces');
      if (!to) return undefined;
      const parent = headers && parseTraceParent(headers.get('traceparent'), headers.get('tracestate'));
      const traceId = parent?.traceId ?? newTraceId();
      // Whoever began the trace has decided whether it is kept.
      const sampled = parent ? parent.sampled : isSampled(traceId, to.sampleRatio);
      return new CallTrace(sampled, { traceId, parent }, to.propagate, headers !== undefined);
    },
    /** A call that has its row. */
    ended(row: CallRow, { trace, startedMs }: CallContext): void {
      if (trace?.sampled) calls.add({ row, trace, startedMs });
    },
    wantsContent: (): boolean => settings()?.content === true,
    logs: {
      wanted: (): boolean => wanted('logs') !== undefined,
      take: (line: string): void => lines.add(line),
    },
    async close(): Promise<void> {
      clearTimeout(timer);
      await Promise.all([calls.close(), lines.close(), sendMetrics()]);
    },
  };
}

export type Telemetry = ReturnType<typeof createTelemetry>;
