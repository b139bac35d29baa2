import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Ledger } from '../../ledger/ledger.ts';
import type { CallFilter, StoredCall } from '../../store/call-store.ts';
import type { PlatformAccess } from './access.ts';
import { parquetWriter } from './export/parquet.ts';
import { csvWriter, type ExportWriter, jsonWriter } from './export/writers.ts';
import { platformRoute } from './route.ts';
import { filterOf, filterSchema } from './usage.ts';

export interface UsageExportDeps {
  ledger: Pick<Ledger, 'flush'>;
  /** The calls of a filter, oldest first. */
  pages(filter: CallFilter): AsyncGenerator<StoredCall[]>;
}

const formats = { csv: csvWriter, json: jsonWriter, parquet: parquetWriter };
type Format = keyof typeof formats;

const binary = { schema: z.string().openapi({ format: 'binary' }) };

/** `GET /api/v1/usage/export`: the ledger as a file. */
export function mountUsageExport(app: OpenAPIHono, access: PlatformAccess, { ledger, pages }: UsageExportDeps): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/usage/export',
      need: 'usage:read',
      tags: ['Usage'],
      summary: 'The calls as CSV, JSON or Parquet, oldest first',
      description:
        'Invoice-ready: a row a call with its cost in exact decimal US dollars, streamed. The rows of a filter sum up to what `/api/v1/stats` says of the same filter.',
      request: {
        query: filterSchema.extend({ format: z.enum(['csv', 'json', 'parquet']).default('csv') }),
      },
      responses: {
        200: {
          description: 'The file.',
          content: { 'text/csv': binary, 'application/json': binary, 'application/vnd.apache.parquet': binary },
        },
      },
    },
    async ({ query: { format, ...query }, principal }) => {
      const filter = filterOf(query, principal);
      // Calls that end while the file is written are those of the next one.
      filter.to ??= new Date();
      await ledger.flush();
      const writer = formats[format]();
      return new Response(fileOf(writer, pages(filter)), {
        headers: {
          'content-type': writer.contentType,
          'content-disposition': `attachment; filename="${nameOf(filter, format)}"`,
          'x-content-type-options': 'nosniff',
        },
      });
    },
  );
}

const nameOf = ({ from, to }: CallFilter, format: Format): string =>
  ['usage', from?.toISOString().slice(0, 10), to?.toISOString().slice(0, 10), format]
    .filter((part) => part !== undefined)
    .join('-')
    .replace(/-([a-z]+)$/, '.$1');

/** Pages are asked for as fast as they are read. A fault breaks the file off, so that nobody takes half of it for whole. */
function fileOf(writer: ExportWriter, pages: AsyncGenerator<StoredCall[]>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(writer.open());
    },
    async pull(controller) {
      const { value, done } = await pages.next();
      controller.enqueue(done ? writer.close() : writer.page(value));
      if (done) controller.close();
    },
    async cancel() {
      await pages.return(undefined);
    },
  });
}
