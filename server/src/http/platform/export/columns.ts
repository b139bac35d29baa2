import { formatUsd } from '../../../core/money.ts';
import type { StoredCall } from '../../../store/call-store.ts';

export type ColumnKind = 'text' | 'time' | 'count' | 'usd' | 'flag';
export type ColumnValue = string | number | boolean | Date | null;

export interface ExportColumn {
  name: string;
  kind: ColumnKind;
  /** Nano-dollars where the kind is `usd`. */
  value(call: StoredCall): ColumnValue;
}

const text = (name: string, value: (call: StoredCall) => string | null): ExportColumn => ({
  name,
  kind: 'text',
  value,
});
const count = (name: string, value: (call: StoredCall) => number): ExportColumn => ({ name, kind: 'count', value });

/** What an export holds of a call, in order. Money is exact to the nano-dollar; an unknown price is empty, never 0. */
export const exportColumns: readonly ExportColumn[] = [
  text('request_id', (call) => call.requestId),
  { name: 'at', kind: 'time', value: (call) => call.at },
  text('organisation_id', (call) => call.organisationId),
  text('team_id', (call) => call.teamId),
  text('user_id', (call) => call.userId),
  text('key_id', (call) => call.keyId),
  text('key_name', (call) => call.keyName),
  text('agent_id', (call) => call.agentId),
  text('tags', (call) => call.tags.join(' ')),
  text('operation', (call) => call.operation),
  text('dialect', (call) => call.dialect),
  text('model_asked', (call) => call.modelAsked),
  text('model_used', (call) => call.modelUsed),
  text('provider', (call) => call.provider),
  count('input_tokens', (call) => call.input + call.audioInput),
  count('cache_read_tokens', (call) => call.cacheRead),
  count('cache_write_tokens', (call) => call.cacheWrite + call.cacheWrite1h),
  count('output_tokens', (call) => call.output + call.audioOutput),
  count('reasoning_tokens', (call) => call.reasoning),
  count(
    'total_tokens',
    (call) =>
      call.input +
      call.audioInput +
      call.cacheRead +
      call.cacheWrite +
      call.cacheWrite1h +
      call.output +
      call.audioOutput,
  ),
  { name: 'cost_usd', kind: 'usd', value: (call) => call.costNanos },
  { name: 'estimated', kind: 'flag', value: (call) => call.estimated },
  text('cache', (call) => call.cache ?? 'none'),
  { name: 'cache_saved_usd', kind: 'usd', value: (call) => call.cacheSavedNanos },
  text('outcome', (call) => call.outcome),
  count('status', (call) => call.status),
  text('error_code', (call) => call.errorCode),
];

/** A value as text; money as a plain decimal. Undefined where there is none. */
export function textOf({ kind, value }: ExportColumn, call: StoredCall): string | undefined {
  const given = value(call);
  if (given === null) return undefined;
  if (kind === 'usd') return formatUsd(given as number);
  return given instanceof Date ? given.toISOString() : String(given);
}
