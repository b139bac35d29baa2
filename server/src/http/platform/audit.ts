import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Principal } from '../../core/principal.ts';
import type { AuditFilter, AuditLog } from '../../store/audit-query.ts';
import type { AuditRow } from '../../store/audit-store.ts';
import type { PlatformAccess } from './access.ts';
import { json, platformRoute } from './route.ts';

const time = z.iso.datetime({ offset: true });
const text = z.string().min(1).max(200);

const filterSchema = z.object({
  actor: text.optional().openapi({ description: 'The id or name of who did it.' }),
  action: text.optional().openapi({ description: 'The beginning of an action, like `key.` or `login.failed`.' }),
  target: text.optional().openapi({ description: 'The id or the kind of what it was done to.' }),
  requestId: text.optional(),
  from: time.optional().openapi({ description: 'At or after this time.' }),
  to: time.optional().openapi({ description: 'Before this time.' }),
  organisation: text.optional().openapi({ description: 'Operators only; others see their own.' }),
});

const entrySchema = z
  .object({
    seq: z.number().int(),
    at: time,
    organisationId: z.string(),
    actorKind: z.string(),
    actorId: z.string(),
    actorName: z.string(),
    action: z.string(),
    targetKind: z.string(),
    targetId: z.string(),
    detail: z.record(z.string(), z.unknown()),
    requestId: z.string().nullable(),
    previousHash: z.string(),
    hash: z.string().openapi({ description: 'SHA-256 of this row and the hash before it.' }),
  })
  .openapi('AuditEntry');

const verdictSchema = z
  .object({
    valid: z.boolean(),
    rows: z.number().int().openapi({ description: 'Rows that were looked at, up to the first broken one.' }),
    head: z
      .object({ seq: z.number().int(), hash: z.string() })
      .openapi({ description: 'The last row. Kept elsewhere, it shows later that nothing before it was rewritten.' }),
    firstBroken: z
      .object({ seq: z.number().int(), fault: z.enum(['changed', 'removed', 'inserted']), message: z.string() })
      .nullable(),
  })
  .openapi('AuditVerdict');

const route = { method: 'get' as const, tags: ['Audit'] };

/** `/api/v1/audit`: who changed what, when; as a list, as a file, and whether anybody tampered with it. */
export function mountAudit(app: OpenAPIHono, access: PlatformAccess, audit: AuditLog): void {
  platformRoute(
    app,
    access,
    {
      ...route,
      path: '/api/v1/audit',
      need: 'audit:read',
      summary: 'Administrative changes and logins, newest first',
      request: {
        query: filterSchema.extend({
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          cursor: z.coerce.number().int().positive().optional().openapi({ description: '`next` of the page before.' }),
        }),
      },
      responses: {
        200: json('A page.', z.object({ data: z.array(entrySchema), next: z.string().nullable() })),
      },
    },
    async ({ query: { limit, cursor, ...query }, principal }) => {
      const rows = await audit.list(filterOf(query, principal), limit + 1, cursor);
      const page = rows.slice(0, limit);
      return { data: page.map(present), next: rows.length > limit ? String(page.at(-1)!.seq) : null };
    },
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      path: '/api/v1/audit/export',
      need: 'audit:read',
      summary: 'The same as a file, oldest first: JSON lines or CSV',
      request: { query: filterSchema.extend({ format: z.enum(['jsonl', 'csv']).default('jsonl') }) },
      responses: {
        200: {
          description: 'The file.',
          content: { 'application/x-ndjson': { schema: z.string() }, 'text/csv': { schema: z.string() } },
        },
      },
    },
    ({ query: { format, ...query }, principal }) =>
      new Response(fileOf(audit.pages(filterOf(query, principal)), format), {
        headers: {
          'content-type': format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
          'content-disposition': `attachment; filename="audit.${format}"`,
        },
      }),
  );
  platformRoute(
    app,
    access,
    {
      ...route,
      path: '/api/v1/audit/verify',
      need: 'operator',
      summary: 'Whether every row is as it was written; names the first that was changed, removed or inserted',
      request: {
        query: z.object({
          seq: z.coerce.number().int().positive().optional(),
          hash: z
            .string()
            .regex(/^[0-9a-f]{64}$/)
            .optional()
            .openapi({ description: 'What row `seq` had as its hash when somebody wrote it down.' }),
        }),
      },
      responses: { 200: json('What was found.', verdictSchema) },
    },
    async ({ query: { seq, hash } }) =>
      audit.verify(seq !== undefined && hash !== undefined ? { seq, hash } : undefined),
  );
}

function filterOf(
  { organisation, from, to, ...rest }: z.infer<typeof filterSchema>,
  { operator, organisationId }: Principal,
): AuditFilter {
  // Another organisation's rows are not forbidden, they are not there.
  const own = operator ? organisation : organisationId;
  return {
    ...rest,
    organisationId: own,
    ...(from && { from: new Date(from) }),
    ...(to && { to: new Date(to) }),
  };
}

const present = ({ at, ...row }: AuditRow) => ({ ...row, at: at.toISOString() });

const columns = [
  'seq',
  'at',
  'organisationId',
  'actorKind',
  'actorId',
  'actorName',
  'action',
  'targetKind',
  'targetId',
  'detail',
  'requestId',
  'previousHash',
  'hash',
] as const;

/** A page of rows a piece, so that a slow reader holds few of them here. */
function fileOf(pages: AsyncGenerator<AuditRow[]>, format: 'jsonl' | 'csv'): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const line = (row: AuditRow): string => {
    const shown = present(row);
    return format === 'jsonl'
      ? `${JSON.stringify(shown)}\n`
      : `${columns.map((name) => cell(shown[name])).join(',')}\r\n`;
  };
  return new ReadableStream({
    start(controller) {
      if (format === 'csv') controller.enqueue(encoder.encode(`${columns.join(',')}\r\n`));
    },
    async pull(controller) {
      const { value, done } = await pages.next();
      if (done) return controller.close();
      controller.enqueue(encoder.encode(value.map(line).join('')));
    },
    async cancel() {
      await pages.return(undefined);
    },
  });
}

/** RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function cell(value: unknown): string {
  const plain = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(plain) ? `'${plain}` : plain;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
