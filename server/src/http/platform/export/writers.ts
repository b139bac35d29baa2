import type { StoredCall } from '../../../store/call-store.ts';
import { exportColumns, textOf } from './columns.ts';

/** Turns pages of calls into the bytes of a file. */
export interface ExportWriter {
  contentType: string;
  open(): Uint8Array;
  page(calls: readonly StoredCall[]): Uint8Array;
  close(): Uint8Array;
}

const encoder = new TextEncoder();

// A cell that begins so is taken for a formula by spreadsheets; names and tags come from callers.
const formula = /^[=+\-@\t\r]/;

function cell(value: string | undefined, isText: boolean): string {
  if (value === undefined) return '';
  const safe = isText && formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Comma-separated values (RFC 4180) with a line of names. */
export const csvWriter = (): ExportWriter => ({
  contentType: 'text/csv; charset=utf-8',
  open: () => encoder.encode(`${exportColumns.map(({ name }) => name).join(',')}\r\n`),
  page: (calls) =>
    encoder.encode(
      calls
        .map(
          (call) =>
            `${exportColumns.map((column) => cell(textOf(column, call), column.kind === 'text')).join(',')}\r\n`,
        )
        .join(''),
    ),
  close: () => new Uint8Array(),
});

/** One JSON array with an object a call; money is text, for a number would not hold it. */
export function jsonWriter(): ExportWriter {
  let first = true;
  return {
    contentType: 'application/json',
    open: () => encoder.encode('['),
    page(calls) {
      let text = '';
      for (const call of calls) {
        const object: Record<string, unknown> = {};
        for (const column of exportColumns) {
          const isText = column.kind === 'usd' || column.kind === 'time';
          object[column.name] = isText ? (textOf(column, call) ?? null) : column.value(call);
        }
        text += `${first ? '\n' : ',\n'}${JSON.stringify(object)}`;
        first = false;
      }
      return encoder.encode(text);
    },
    close: () => encoder.encode('\n]\n'),
  };
}
