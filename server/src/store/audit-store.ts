import { createHash } from 'node:crypto';
import { desc, sql as query } from 'drizzle-orm';
import type { Principal } from '../core/principal.ts';
import type { Sql } from './database.ts';
import { auditEntries } from './schema.ts';
import { storable } from './storable-json.ts';

export type Tx = Parameters<Parameters<Sql['transaction']>[0]>[0];
export type AuditRow = typeof auditEntries.$inferSelect;

/** Who did it, as the audit writes it down. */
export type AuditActor = Pick<Principal, 'kind' | 'keyId' | 'keyName' | 'organisationId'>;

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

// One chain for the gateway: appending takes turns, for as long as the transaction around it takes.
const chainLock = 7_168_101_227;

/** Appends a row in the transaction of the change that it tells of. */
export async function appendAudit(tx: Tx, actor: AuditActor, note: AuditNote): Promise<void> {
  await tx.execute(query`select pg_advisory_xact_lock(${chainLock})`);
  const [last] = await tx
    .select({ hash: auditEntries.hash })
    .from(auditEntries)
    .orderBy(desc(auditEntries.seq))
    .limit(1);
  const row = {
    at: new Date(),
    organisationId: note.organisationId ?? actor.organisationId,
    actorKind: actor.kind,
    actorId: actor.keyId,
    actorName: actor.keyName,
    action: note.action,
    targetKind: note.target.kind,
    targetId: note.target.id,
    detail: storable(note.detail ?? {}),
    previousHash: last?.hash ?? firstHash,
  };
  await tx.insert(auditEntries).values({ ...row, hash: auditHash(row) });
}

/** SHA-256 over the row's fields in a fixed order and form, its predecessor's hash among them. */
export function auditHash(row: Omit<typeof auditEntries.$inferInsert, 'hash' | 'seq'>): string {
  const { previousHash, at, organisationId, actorKind, actorId, actorName, action, targetKind, targetId, detail } = row;
  const fields = [
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

/** Runs a change and its audit row in one transaction: both are there, or neither. */
export type AuditedChange = <T>(
  actor: AuditActor,
  change: (tx: Tx, note: (note: AuditNote) => Promise<void>) => Promise<T>,
) => Promise<T>;

export const createAuditedChange =
  (sql: () => Promise<Sql>): AuditedChange =>
  async (actor, change) =>
    (await sql()).transaction((tx) => change(tx, (note) => appendAudit(tx, actor, note)));
