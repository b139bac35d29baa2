import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { StoredCall } from '../../../store/call-store.ts';
import { type ColumnKind, type ColumnValue, exportColumns } from './columns.ts';
import type { ExportWriter } from './writers.ts';

/** Money is DECIMAL(18, 9): exact, and a number to everything that reads Parquet. */
const elements: Record<ColumnKind, Omit<SchemaElement, 'name'>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  time: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
  count: { type: 'INT64', repetition_type: 'REQUIRED' },
  usd: { type: 'INT64', converted_type: 'DECIMAL', scale: 9, precision: 18, repetition_type: 'OPTIONAL' },
  flag: { type: 'BOOLEAN', repetition_type: 'REQUIRED' },
};

/** A Parquet file, a row group for every page. */
export function parquetWriter(): ExportWriter {
  const bytes = new ByteWriter(64 * 1024);
  const schema: SchemaElement[] = [
    { name: 'calls', num_children: exportColumns.length },
    ...exportColumns.map(({ name, kind }) => ({ name, ...elements[kind] })),
  ];
  let writer: ParquetWriter | undefined;

  /** What was written since the last time; the writer goes on counting where it stands in the file. */
  function take(): Uint8Array {
    const taken = bytes.getBytes().slice();
    bytes.index = 0;
    return taken;
  }

  return {
    contentType: 'application/vnd.apache.parquet',
    open() {
      writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'sluice' });
      return take();
    },
    page(calls: readonly StoredCall[]) {
      const columnData = exportColumns.map(({ name, kind, value }) => ({
        name,
        data: calls.map((call) => parquetValue(kind, value(call))),
      }));
      void writer!.write({ columnData, rowGroupSize: calls.length });
      return take();
    },
    close() {
      void writer!.finish();
      return take();
    },
  };
}

function parquetValue(kind: ColumnKind, value: ColumnValue): ColumnValue | bigint {
  return (kind === 'usd' || kind === 'count') && typeof value === 'number' ? BigInt(value) : value;
}
