import { asObject, tryParseJson } from '../../core/json.ts';
import { type AnyValue, attributesOf, nanosOf, type OtlpLogRecord } from './otlp.ts';

const severities: Record<number, readonly [number: number, text: string]> = {
  10: [1, 'TRACE'],
  20: [5, 'DEBUG'],
  30: [9, 'INFO'],
  40: [13, 'WARN'],
  50: [17, 'ERROR'],
  60: [21, 'FATAL'],
};

/** Of prompts only what the operator wants elsewhere than in the log of this machine. */
const contentFields = ['prompt'];

/** A line of the log as OTLP's record of it. Undefined for what is none, and for lines with prompts unless they are wanted. */
export function logRecord(line: string, { content }: { content: boolean }, nowMs: number): OtlpLogRecord | undefined {
  const fields = asObject(tryParseJson(line));
  if (!fields) return undefined;
  if (!content && contentFields.some((name) => name in fields)) return undefined;
  const { level, time, msg, traceId, ...rest } = fields;
  const [severityNumber, severityText] = severities[Number(level)] ?? severities[30]!;
  return {
    timeUnixNano: nanosOf(typeof time === 'number' ? time : nowMs),
    observedTimeUnixNano: nanosOf(nowMs),
    severityNumber,
    severityText,
    body: { stringValue: typeof msg === 'string' ? msg : '' } satisfies AnyValue,
    attributes: attributesOf(
      Object.fromEntries(Object.entries(rest).map(([name, value]) => [`sluice.${name}`, plain(value)])),
    ),
    ...(typeof traceId === 'string' && { traceId, flags: 1 }),
  };
}

function plain(value: unknown): string | number | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
}
