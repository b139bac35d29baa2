import { createHash } from 'node:crypto';
import { eq, sql as query } from 'drizzle-orm';
import type { Principal } from '../core/principal.ts';
import type { Sql } from './database.ts';
import { auditEntries, auditHead } from './schema.ts';
import { storable } from './storable-json.ts';

export type Tx = Parameters<Parameters<Sql['transaction']>[0]>[0];
export type AuditRow = typeof auditEntries.$inferSelect;

/** Who did it, as the audit writes it down, and the request they did it with. */
export type AuditActor = Pick<Principal, 'kind' | 'keyId' | 'keyName' | 'organisationId' | 'requestId'>;

export interface AuditNote {
  /** Noun and act, like `key.create`. */
  action: string;
  target: { kind: string; id: string };
  /** What changed. Never a secret. */
  detail?: Record<string, unknown>;
  /** The organisation it happened to; without it, the actor's. */
  organisationId?: string;
}

/** The hash before the first row. */
export const firstHash = '0'.repeat(64);

/**
 * Appends a row in the transaction of the change that it tells of. Rows are numbered without gaps, in the order of their
 * commits: appending takes turns, for as long as the transaction around it takes.
 */
export async function appendAudit(tx: Tx, actor: AuditActor, note: AuditNote): Promise<void> {
  // Locks the head until the end of the transaction, or makes it.
  const [head] = await tx
    .insert(auditHead)
    .values({ seq: 0, hash: firstHash })
    .onConflictDoUpdate({ target: auditHead.id, set: { id: true } })
    .returning();
  const row = {
    seq: head!.seq + 1,
    at: new Date(),
    organisationId: note.organisationId ?? actor.organisationId,
    actorKind: actor.kind,
    actorId: actor.keyId,
    actorName: storableText(actor.keyName),
    action: note.action,
    targetKind: note.target.kind,
    targetId: note.target.id,
    detail: storable(note.detail ?? {}),
    requestId: actor.requestId ?? null,
    previousHash: head!.hash,
  };
  const hash = auditHash(row);
  await tx.insert(auditEntries).values({ ...row, hash });
  await tx.update(auditHead).set({ seq: row.seq, hash }).where(eq(auditHead.id, true));
}

/** SHA-256 over the row's fields in a fixed order and form, its number and its predecessor's hash among them. */
export function auditHash(row: Omit<AuditRow, 'hash'>): string {
  const { seq, previousHash, at, organisationId, requestId } = row;
  const { actorKind, actorId, actorName, action, targetKind, targetId, detail } = row;
  const fields = [
    seq,
    previousHash,
    at.toISOString(),
    organisationId,
    actorKind,
    actorId,
    actorName,
    action,
    targetKind,
    targetId,
    sortedJson(detail),
    requestId,
  ];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

/** JSON with sorted keys: jsonb keeps no order. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

const storableText = (text: string): string => storable([text])[0]!;

/** Runs a change and its audit row in one transaction: both are there, or neither. */
export type AuditedChange = <T>(
  actor: AuditActor,
  change: (tx: Tx, note: (note: AuditNote) => Promise<void>) => Promise<T>,
) => Promise<T>;

export const createAuditedChange =
  (sql: () => Promise<Sql>): AuditedChange =>
  async (actor, change) =>
    (await sql()).transaction((tx) => change(tx, (note) => appendAudit(tx, actor, note)));

/** Every row of the audit in its order, `pageRows` at a time, as it stood when the reading began. */
export async function* readAudit(tx: Tx, pageRows = 1000): AsyncGenerator<AuditRow[]> {
  for (let after: number | undefined; ; ) {
    const page = await tx
      .select()
      .from(auditEntries)
      .where(after === undefined ? undefined : query`${auditEntries.seq} > ${after}`)
      .orderBy(auditEntries.seq)
      .limit(pageRows);
    if (page.length > 0) yield page;
    if (page.length < pageRows) return;
    after = page.at(-1)!.seq;
  }
}
