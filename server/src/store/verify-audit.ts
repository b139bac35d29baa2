import { type AuditRow, auditHash, firstHash, readAudit } from './audit-store.ts';
import type { Sql } from './database.ts';
import { auditHead } from './schema.ts';

export interface AuditFault {
  /** The number of the first row that is not as it was written. */
  seq: number;
  fault: 'changed' | 'removed' | 'inserted';
  message: string;
}

export interface AuditVerdict {
  valid: boolean;
  /** Rows that were looked at, up to the first broken one. */
  rows: number;
  /** The last row's number and hash: kept elsewhere, they show later that nothing before was rewritten. */
  head: { seq: number; hash: string };
  firstBroken: AuditFault | null;
}

export interface AuditAnchor {
  seq: number;
  hash: string;
}

// Removed rows whose place was closed by renumbering are looked for this far.
const farthestShift = 64;

/**
 * Walks the whole chain and names the first row that was changed, removed or inserted. `anchor` is a number and hash that
 * somebody wrote down before: with it, even a chain that was rewritten whole is found out.
 */
export async function verifyAudit(sql: Sql, anchor?: AuditAnchor): Promise<AuditVerdict> {
  return sql.transaction(
    async (tx) => {
      const [stored] = await tx.select().from(auditHead);
      const head = stored && { seq: stored.seq, hash: stored.hash };
      const chain = createChainCheck(head, anchor);
      for await (const page of readAudit(tx)) {
        for (const row of page) {
          const fault = chain.see(row);
          if (fault) return verdict(chain.rows(), head, fault);
        }
      }
      const fault = chain.end();
      return verdict(chain.rows(), head, fault);
    },
    // One view of the rows and their head, whatever is appended meanwhile.
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

const verdict = (rows: number, head: AuditAnchor | undefined, fault: AuditFault | undefined): AuditVerdict => ({
  valid: fault === undefined,
  rows,
  head: head ?? { seq: 0, hash: firstHash },
  firstBroken: fault ?? null,
});

/** Judges each row when the one after it is known, which tells whether a row stands where it was written. */
function createChainCheck(head: AuditAnchor | undefined, anchor: AuditAnchor | undefined) {
  let rows = 0;
  let previous: AuditRow | undefined;
  let waiting: AuditRow | undefined;

  function judge(row: AuditRow, next: AuditRow | undefined): AuditFault | undefined {
    const expected = (previous?.seq ?? 0) + 1;
    // Beyond the head nothing was written, and before it nothing may be missing.
    if (row.seq < 1 || (head && row.seq > head.seq && expected > head.seq)) return inserted(row.seq);
    if (row.seq > expected) return removed(expected);
    if (auditHash(row) !== row.hash) {
      if (previous && movedBy(row, -1)) return inserted(previous.seq);
      if (next && movedBy(next, -1)) return inserted(row.seq);
      for (let shift = 1; shift <= farthestShift; shift++) if (movedBy(row, shift)) return removed(row.seq);
      return changed(row.seq);
    }
    if (row.previousHash !== (previous?.hash ?? firstHash)) {
      // A row that its successor knows is as it was, so the one before it was replaced.
      const known = next ? next.previousHash === row.hash : head?.hash === row.hash;
      return changed(known && previous ? previous.seq : row.seq);
    }
    if (anchor && row.seq === anchor.seq && row.hash !== anchor.hash) {
      return {
        ...changed(row.seq),
        message: `Row ${row.seq}, or one before it, was rewritten: its hash is not the one given.`,
      };
    }
    rows += 1;
    previous = row;
    return undefined;
  }

  return {
    rows: () => rows,
    see(row: AuditRow): AuditFault | undefined {
      const fault = waiting && judge(waiting, row);
      waiting = row;
      return fault;
    },
    end(): AuditFault | undefined {
      const fault = waiting && judge(waiting, undefined);
      if (fault) return fault;
      const last = previous?.seq ?? 0;
      if (anchor && anchor.seq > last) return removed(last + 1);
      if (!head) return last > 0 ? { ...removed(last + 1), message: 'The head of the audit was removed.' } : undefined;
      if (head.seq > last) return removed(last + 1);
      return head.hash === (previous?.hash ?? firstHash) ? undefined : changed(last);
    },
  };
}

/** Whether a row is one that was written `shift` places further on. */
const movedBy = (row: AuditRow, shift: number): boolean => auditHash({ ...row, seq: row.seq + shift }) === row.hash;

const changed = (seq: number): AuditFault => ({
  seq,
  fault: 'changed',
  message: `Row ${seq} is not as it was written.`,
});
const removed = (seq: number): AuditFault => ({
  seq,
  fault: 'removed',
  message: `Row ${seq} was removed.`,
});
const inserted = (seq: number): AuditFault => ({
  seq,
  fault: 'inserted',
  message: `Row ${seq} was inserted afterwards.`,
});
