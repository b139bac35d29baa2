import {
  type AnyValue,
  type KeyValue,
  messages,
  type OtlpLogRecord,
  type OtlpMetric,
  type OtlpSpan,
} from '../../src/observe/telemetry/otlp.ts';
import { type ReceivedPost, type Receiver, startReceiver } from './receiver.ts';

type Plain = string | number | boolean | Plain[];

export interface SeenSpan extends Omit<OtlpSpan, 'attributes'> {
  attributes: Record<string, Plain>;
}

export interface Collector extends Receiver {
  /** Every span that came. */
  spans(): SeenSpan[];
  /** The spans of the call with this request id, its own first, once they are there. */
  traceOf(requestId: string | null): Promise<SeenSpan[]>;
  logs(): (Omit<OtlpLogRecord, 'attributes'> & { attributes: Record<string, Plain> })[];
  metrics(): OtlpMetric[];
  /** The resource of the last post. */
  resource(): Record<string, Plain>;
}

/** A collector of OTLP over HTTP that remembers what it was sent, in either form. */
export async function startCollector(): Promise<Collector> {
  const receiver = await startReceiver();
  const of = (path: string) => receiver.posts.filter((post) => post.path === path).map(read);
  const spans = (): SeenSpan[] =>
    of('/v1/traces')
      .flatMap(({ resourceSpans }) => resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans)
      .flatMap(({ spans }) => spans)
      .map((span) => ({ ...span, attributes: plainOf(span.attributes) }));
  return Object.assign(receiver, {
    spans,
    traceOf: (requestId: string | null) =>
      receiver.until(() => {
        const all = spans();
        const root = all.find(({ attributes }) => attributes['sluice.request.id'] === requestId);
        return root && [root, ...all.filter((span) => span.traceId === root.traceId && span !== root)];
      }),
    logs: () =>
      of('/v1/logs')
        .flatMap(({ resourceLogs }) => resourceLogs)
        .flatMap(({ scopeLogs }) => scopeLogs)
        .flatMap(({ logRecords }) => logRecords)
        .map((record) => ({ ...record, attributes: plainOf(record.attributes) })),
    metrics: () =>
      of('/v1/metrics')
        .flatMap(({ resourceMetrics }) => resourceMetrics)
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics }) => metrics),
    resource: () => {
      const last = read(receiver.posts.at(-1)!);
      const [first] = [...(last.resourceSpans ?? []), ...(last.resourceLogs ?? []), ...(last.resourceMetrics ?? [])];
      return plainOf(first!.resource.attributes);
    },
  });
}

interface Export {
  resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
  resourceLogs: { resource: { attributes: KeyValue[] }; scopeLogs: { logRecords: OtlpLogRecord[] }[] }[];
  resourceMetrics: { resource: { attributes: KeyValue[] }; scopeMetrics: { metrics: OtlpMetric[] }[] }[];
}

const roots: Record<string, string> = { '/v1/traces': 'Traces', '/v1/logs': 'Logs', '/v1/metrics': 'Metrics' };

function read({ path, headers, body }: ReceivedPost): Export {
  if (headers['content-type'] === 'application/json') return JSON.parse(body.toString()) as Export;
  return decode(roots[path]!, body) as unknown as Export;
}

export const plainOf = (attributes: KeyValue[] = []): Record<string, Plain> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));

function plainValue(value: AnyValue): Plain {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plainValue);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue ?? '';
}

/** Reads a protobuf message back into its JSON form. */
export function decode(message: string, bytes: Uint8Array): Record<string, unknown> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = Object.entries(messages[message as keyof typeof messages]);
  const found: Record<string, unknown> = {};
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = fields.find(([, [number]]) => number === tag >> 3);
    let raw: bigint | Uint8Array | number;
    const type = tag & 7;
    if (type === 0) raw = varint();
    else if (type === 1) {
      raw = view.getBigUint64(at, true);
      at += 8;
    } else if (type === 5) {
      raw = view.getUint32(at, true);
      at += 4;
    } else {
      const length = Number(varint());
      raw = bytes.subarray(at, at + length);
      at += length;
    }
    if (!field) continue;
    const [name, [, holds]] = field;
    const value = heldBy(holds, raw, view, at);
    if (holds.endsWith('[]')) found[name] = [...((found[name] as unknown[]) ?? []), value];
    else found[name] = value;
  }
  return found;
}

function heldBy(holds: string, raw: bigint | Uint8Array | number, view: DataView, at: number): unknown {
  const each = <Value>(get: (part: DataView, offset: number) => Value): Value[] => {
    const part = raw as Uint8Array;
    const inside = new DataView(part.buffer, part.byteOffset, part.byteLength);
    return Array.from({ length: part.length / 8 }, (_, index) => get(inside, index * 8));
  };
  switch (holds) {
    case 'string':
      return Buffer.from(raw as Uint8Array).toString();
    case 'id':
      return Buffer.from(raw as Uint8Array).toString('hex');
    case 'bool':
      return raw !== 0n;
    case 'varint':
    case 'fixed32':
      return Number(raw);
    case 'int64':
      return String(BigInt.asIntN(64, raw as bigint));
    case 'fixed64':
      return String(raw);
    case 'double':
      return view.getFloat64(at - 8, true);
    case 'fixed64s':
      return each((part, offset) => String(part.getBigUint64(offset, true)));
    case 'doubles':
      return each((part, offset) => part.getFloat64(offset, true));
    default:
      return decode(holds.replace('[]', ''), raw as Uint8Array);
  }
}
