import { and, desc, eq, gt, isNull } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { invitations } from './schema.ts';

export type InvitationRow = typeof invitations.$inferSelect;
export type NewInvitation = typeof invitations.$inferInsert;

const stillOpen = () => and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt));

/** Invitations; the token itself is never stored. */
export function createInvitationStore(sql: () => Promise<Sql>) {
  return {
    async insert(invitation: NewInvitation, tx?: Tx): Promise<InvitationRow> {
      const [row] = await (tx ?? (await sql())).insert(invitations).values(invitation).returning();
      return row!;
    },
    /** Newest first; of one organisation, or of all. */
    async list(organisationId?: string): Promise<InvitationRow[]> {
      return (await sql())
        .select()
        .from(invitations)
        .where(organisationId === undefined ? undefined : eq(invitations.organisationId, organisationId))
        .orderBy(desc(invitations.createdAt), desc(invitations.id));
    },
    async byId(id: string): Promise<InvitationRow | undefined> {
      const [row] = await (await sql()).select().from(invitations).where(eq(invitations.id, id));
      return row;
    },
    async byHash(tokenHash: string): Promise<InvitationRow | undefined> {
      const [row] = await (await sql()).select().from(invitations).where(eq(invitations.tokenHash, tokenHash));
      return row;
    },
    /** Takes an open invitation, once, however many ask at the same time. Undefined when it is not open at `at`. */
    async take(id: string, at: Date, tx: Tx): Promise<InvitationRow | undefined> {
      const [row] = await tx
        .update(invitations)
        .set({ acceptedAt: at })
        .where(and(eq(invitations.id, id), stillOpen(), gt(invitations.expiresAt, at)))
        .returning();
      return row;
    },
    /** Closes an invitation that nobody took; a closed one stays closed at its first time. */
    async revoke(id: string, at: Date, tx?: Tx): Promise<InvitationRow | undefined> {
      const [row] = await (tx ?? (await sql()))
        .update(invitations)
        .set({ revokedAt: at })
        .where(and(eq(invitations.id, id), stillOpen()))
        .returning();
      return row;
    },
    /** Closes the open invitations to an address, or those that somebody sent. Returns their ids. */
    async revokeAll(
      which: { organisationId: string; email: string } | { organisationId: string; invitedBy: string },
      at: Date,
      tx: Tx,
    ): Promise<string[]> {
      const rows = await tx
        .update(invitations)
        .set({ revokedAt: at })
        .where(
          and(
            eq(invitations.organisationId, which.organisationId),
            'email' in which ? eq(invitations.email, which.email) : eq(invitations.invitedBy, which.invitedBy),
            stillOpen(),
          ),
        )
        .returning({ id: invitations.id });
      return rows.map(({ id }) => id);
    },
  };
}

export type InvitationStore = ReturnType<typeof createInvitationStore>;
