import { expect, test } from 'bun:test';
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { decode } from '../../../test/support/collector.ts';
import { attributesOf, type MessageName } from './otlp.ts';
import { encodeProtobuf } from './protobuf.ts';

// OpenTelemetry's own serializers are the oracle: the same things, given in their form, must come to the same fields.

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const parentSpanId = '00f067aa0ba902b7';
const text = 'naïve — 日本 🎈';
const long = 'x'.repeat(40_000);
const plain = { text, long, whole: 42, below: -7, part: 0.25, yes: true, list: ['a', 'b'] };
const serviceName = { 'service.name': 'sluice' };
const theirResource = { attributes: serviceName } as never;
const theirScope = { name: 'sluice', version: '1.2.3' };
const scope = theirScope;
const resource = { attributes: attributesOf(serviceName) };
const startTimeUnixNano = '1700000000123456789';
const timeUnixNano = '1700000001000000005';
const start: [number, number] = [1_700_000_000, 123_456_789];
const end: [number, number] = [1_700_000_001, 5];

/** What both say, without the zeros that one of them writes out. */
const read = (message: MessageName, bytes: Uint8Array) =>
  JSON.parse(JSON.stringify(decode(message, bytes), (_, value) => (value === 0 || value === '0' ? undefined : value)));

test('spans', () => {
  const theirs = ProtobufTraceSerializer.serializeRequest([
    {
      name: text,
      kind: 2,
      spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
      parentSpanContext: { traceId, spanId: parentSpanId, traceFlags: 1 },
      startTime: start,
      endTime: end,
      duration: [0, 0],
      status: { code: 2, message: 'why' },
      attributes: plain,
      links: [],
      events: [],
      ended: true,
      resource: theirResource,
      instrumentationScope: theirScope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    } as never,
  ])!;
  const span = {
    traceId,
    spanId,
    parentSpanId,
    name: text,
    kind: 3,
    startTimeUnixNano,
    endTimeUnixNano: timeUnixNano,
    attributes: attributesOf(plain),
    status: { message: 'why', code: 2 },
    flags: 0x101,
  };
  const ours = encodeProtobuf('Traces', { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] });
  expect(read('Traces', ours)).toEqual(read('Traces', theirs));
  expect(JSON.stringify(read('Traces', ours))).toContain(long);
});

test('records of the log', () => {
  const theirs = ProtobufLogsSerializer.serializeRequest([
    {
      hrTime: start,
      hrTimeObserved: end,
      spanContext: { traceId, spanId, traceFlags: 1 },
      severityNumber: 17,
      severityText: 'ERROR',
      body: text,
      attributes: plain,
      droppedAttributesCount: 0,
      resource: theirResource,
      instrumentationScope: theirScope,
    } as never,
  ])!;
  const record = {
    timeUnixNano: startTimeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    severityNumber: 17,
    severityText: 'ERROR',
    body: { stringValue: text },
    attributes: attributesOf(plain),
    traceId,
    spanId,
    flags: 1,
  };
  const ours = encodeProtobuf('Logs', { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }] });
  expect(read('Logs', ours)).toEqual(read('Logs', theirs));
});

test('counters, gauges and histograms', () => {
  const point = { startTime: start, endTime: end, attributes: { model: 'a' } };
  const descriptor = (name: string) => ({ name, description: text, unit: '', valueType: 1, type: 'X', advice: {} });
  const theirs = ProtobufMetricsSerializer.serializeRequest({
    resource: theirResource,
    scopeMetrics: [
      {
        scope: theirScope,
        metrics: [
          {
            descriptor: descriptor('calls'),
            dataPointType: 3,
            isMonotonic: true,
            aggregationTemporality: 1,
            dataPoints: [{ ...point, value: 2.5 }],
          },
          {
            descriptor: descriptor('now'),
            dataPointType: 2,
            aggregationTemporality: 1,
            dataPoints: [{ ...point, value: -1.5 }],
          },
          {
            descriptor: descriptor('took'),
            dataPointType: 0,
            aggregationTemporality: 0,
            dataPoints: [
              { ...point, value: { buckets: { boundaries: [0.5, 1], counts: [3, 0, 1] }, count: 4, sum: 6.5 } },
            ],
          },
        ],
      },
    ],
  } as never)!;
  const times = { startTimeUnixNano, timeUnixNano };
  const attributes = attributesOf({ model: 'a' });
  const metrics = [
    {
      name: 'calls',
      description: text,
      sum: { dataPoints: [{ ...times, attributes, asDouble: 2.5 }], aggregationTemporality: 2, isMonotonic: true },
    },
    { name: 'now', description: text, gauge: { dataPoints: [{ ...times, attributes, asDouble: -1.5 }] } },
    {
      name: 'took',
      description: text,
      histogram: {
        dataPoints: [
          { ...times, attributes, count: '4', sum: 6.5, bucketCounts: ['3', '0', '1'], explicitBounds: [0.5, 1] },
        ],
        aggregationTemporality: 1,
      },
    },
  ];
  const ours = encodeProtobuf('Metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] });
  const withoutUnit = (message: unknown) =>
    JSON.parse(JSON.stringify(message), (key, value) => (key === 'unit' && value === '' ? undefined : value));
  expect(withoutUnit(read('Metrics', ours))).toEqual(withoutUnit(read('Metrics', theirs)));
});
