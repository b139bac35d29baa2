/**
 * OTLP's messages (https://github.com/open-telemetry/opentelemetry-proto, 1.x) as far as they are sent, in the JSON form of the
 * protocol: ids in hexadecimal, 64-bit integers as text.
 */
export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  arrayValue?: { values: AnyValue[] };
}

export interface KeyValue {
  key: string;
  value: AnyValue;
}

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  traceState?: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  status?: { message?: string; code?: number };
  flags: number;
}

export interface OtlpLogRecord {
  timeUnixNano: string;
  observedTimeUnixNano: string;
  severityNumber: number;
  severityText: string;
  body: AnyValue;
  attributes: KeyValue[];
  traceId?: string;
  spanId?: string;
  flags?: number;
}

export interface OtlpPoint {
  attributes: KeyValue[];
  startTimeUnixNano?: string;
  timeUnixNano: string;
  asDouble?: number;
  count?: string;
  sum?: number;
  bucketCounts?: string[];
  explicitBounds?: number[];
}

export interface OtlpMetric {
  name: string;
  description: string;
  unit?: string;
  gauge?: { dataPoints: OtlpPoint[] };
  sum?: { dataPoints: OtlpPoint[]; aggregationTemporality: number; isMonotonic: boolean };
  histogram?: { dataPoints: OtlpPoint[]; aggregationTemporality: number };
}

export const spanKinds = { internal: 1, server: 2, client: 3 } as const;
export const statusError = 2;
export const temporalities = { delta: 1, cumulative: 2 } as const;

type Attribute = string | number | boolean | readonly string[] | undefined;

/** Attributes of these values; what is undefined is left out. */
export function attributesOf(values: Record<string, Attribute>): KeyValue[] {
  const list: KeyValue[] = [];
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) list.push({ key, value: anyValue(value) });
  }
  return list;
}

export function anyValue(value: Exclude<Attribute, undefined>): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((each) => ({ stringValue: each })) } };
}

/** Milliseconds since 1970 as nanoseconds. */
export const nanosOf = (ms: number): string => {
  const whole = Math.floor(ms);
  return `${whole}${String(Math.floor((ms - whole) * 1e6)).padStart(6, '0')}`;
};

type Kind = 'string' | 'id' | 'bool' | 'varint' | 'int64' | 'fixed32' | 'fixed64' | 'double' | 'fixed64s' | 'doubles';

/** A field's number and what it holds: a kind, or the name of a message; `…[]` is a list of them. */
export type Field = readonly [number: number, holds: Kind | MessageName | `${MessageName}[]`];
type MessageName =
  | 'AnyValue'
  | 'ArrayValue'
  | 'KeyValue'
  | 'Resource'
  | 'Scope'
  | 'Span'
  | 'Status'
  | 'ScopeSpans'
  | 'ResourceSpans'
  | 'Traces'
  | 'LogRecord'
  | 'ScopeLogs'
  | 'ResourceLogs'
  | 'Logs'
  | 'Point'
  | 'HistogramPoint'
  | 'Gauge'
  | 'Sum'
  | 'Histogram'
  | 'Metric'
  | 'ScopeMetrics'
  | 'ResourceMetrics'
  | 'Metrics';

/** The fields' numbers in the protobuf form, in their order. */
export const messages: Record<MessageName, Readonly<Record<string, Field>>> = {
  AnyValue: {
    stringValue: [1, 'string'],
    boolValue: [2, 'bool'],
    intValue: [3, 'int64'],
    doubleValue: [4, 'double'],
    arrayValue: [5, 'ArrayValue'],
  },
  ArrayValue: { values: [1, 'AnyValue[]'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  Resource: { attributes: [1, 'KeyValue[]'] },
  Scope: { name: [1, 'string'], version: [2, 'string'] },
  Span: {
    traceId: [1, 'id'],
    spanId: [2, 'id'],
    traceState: [3, 'string'],
    parentSpanId: [4, 'id'],
    name: [5, 'string'],
    kind: [6, 'varint'],
    startTimeUnixNano: [7, 'fixed64'],
    endTimeUnixNano: [8, 'fixed64'],
    attributes: [9, 'KeyValue[]'],
    status: [15, 'Status'],
    flags: [16, 'fixed32'],
  },
  Status: { message: [2, 'string'], code: [3, 'varint'] },
  ScopeSpans: { scope: [1, 'Scope'], spans: [2, 'Span[]'] },
  ResourceSpans: { resource: [1, 'Resource'], scopeSpans: [2, 'ScopeSpans[]'] },
  Traces: { resourceSpans: [1, 'ResourceSpans[]'] },
  LogRecord: {
    timeUnixNano: [1, 'fixed64'],
    severityNumber: [2, 'varint'],
    severityText: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'KeyValue[]'],
    flags: [8, 'fixed32'],
    traceId: [9, 'id'],
    spanId: [10, 'id'],
    observedTimeUnixNano: [11, 'fixed64'],
  },
  ScopeLogs: { scope: [1, 'Scope'], logRecords: [2, 'LogRecord[]'] },
  ResourceLogs: { resource: [1, 'Resource'], scopeLogs: [2, 'ScopeLogs[]'] },
  Logs: { resourceLogs: [1, 'ResourceLogs[]'] },
  Point: {
    startTimeUnixNano: [2, 'fixed64'],
    timeUnixNano: [3, 'fixed64'],
    asDouble: [4, 'double'],
    attributes: [7, 'KeyValue[]'],
  },
  HistogramPoint: {
    startTimeUnixNano: [2, 'fixed64'],
    timeUnixNano: [3, 'fixed64'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    bucketCounts: [6, 'fixed64s'],
    explicitBounds: [7, 'doubles'],
    attributes: [9, 'KeyValue[]'],
  },
  Gauge: { dataPoints: [1, 'Point[]'] },
  Sum: { dataPoints: [1, 'Point[]'], aggregationTemporality: [2, 'varint'], isMonotonic: [3, 'bool'] },
  Histogram: { dataPoints: [1, 'HistogramPoint[]'], aggregationTemporality: [2, 'varint'] },
  Metric: {
    name: [1, 'string'],
    description: [2, 'string'],
    unit: [3, 'string'],
    gauge: [5, 'Gauge'],
    sum: [7, 'Sum'],
    histogram: [9, 'Histogram'],
  },
  ScopeMetrics: { scope: [1, 'Scope'], metrics: [2, 'Metric[]'] },
  ResourceMetrics: { resource: [1, 'Resource'], scopeMetrics: [2, 'ScopeMetrics[]'] },
  Metrics: { resourceMetrics: [1, 'ResourceMetrics[]'] },
};

export type { MessageName };
