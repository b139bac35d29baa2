import { and, desc, eq, gt, gte, lt, or, sql as query, type SQL } from 'drizzle-orm';
import type { AuditRow } from './audit-store.ts';
import type { Sql } from './database.ts';
import { auditEntries } from './schema.ts';
import { type AuditAnchor, type AuditVerdict, verifyAudit } from './verify-audit.ts';

export interface AuditFilter {
  organisationId?: string;
  /** The id or the name of who did it. */
  actor?: string;
  /** The beginning of an action: `key.` finds all that was done to keys. */
  action?: string;
  /** The id or the kind of what it was done to. */
  target?: string;
  requestId?: string;
  from?: Date;
  to?: Date;
}

const exportPageRows = 1000;

/** What the audit says. */
export function createAuditLog(sql: () => Promise<Sql>) {
  return {
    /** Newest first, those before row `before`. */
    async list(filter: AuditFilter, limit: number, before?: number): Promise<AuditRow[]> {
      return (await sql())
        .select()
        .from(auditEntries)
        .where(and(...conditions(filter), before === undefined ? undefined : lt(auditEntries.seq, before)))
        .orderBy(desc(auditEntries.seq))
        .limit(limit);
    },
    /** Every row, oldest first, in pages: however many there are, few are held at once. */
    async *pages(filter: AuditFilter): AsyncGenerator<AuditRow[]> {
      for (let after = 0; ; ) {
        const page = await (await sql())
          .select()
          .from(auditEntries)
          .where(and(...conditions(filter), gt(auditEntries.seq, after)))
          .orderBy(auditEntries.seq)
          .limit(exportPageRows);
        if (page.length > 0) yield page;
        if (page.length < exportPageRows) return;
        after = page.at(-1)!.seq;
      }
    },
    async verify(anchor?: AuditAnchor): Promise<AuditVerdict> {
      return verifyAudit(await sql(), anchor);
    },
  };
}

export type AuditLog = ReturnType<typeof createAuditLog>;

function conditions({ organisationId, actor, action, target, requestId, from, to }: AuditFilter): (SQL | undefined)[] {
  return [
    organisationId === undefined ? undefined : eq(auditEntries.organisationId, organisationId),
    actor === undefined ? undefined : or(eq(auditEntries.actorId, actor), eq(auditEntries.actorName, actor)),
    action === undefined ? undefined : query`starts_with(${auditEntries.action}, ${action})`,
    target === undefined ? undefined : or(eq(auditEntries.targetId, target), eq(auditEntries.targetKind, target)),
    requestId === undefined ? undefined : eq(auditEntries.requestId, requestId),
    from && gte(auditEntries.at, from),
    to && lt(auditEntries.at, to),
  ];
}
