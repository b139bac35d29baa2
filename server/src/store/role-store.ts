import { and, eq, isNull, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { invitations, keys, memberships, roles } from './schema.ts';

export type RoleRow = typeof roles.$inferSelect;
export type NewRole = typeof roles.$inferInsert;
export type RoleChange = Partial<Pick<RoleRow, 'name' | 'permissions'>>;

/** Roles of an organisation's own making. */
export function createRoleStore(sql: () => Promise<Sql>) {
  return {
    async insert(role: NewRole, tx?: Tx): Promise<RoleRow> {
      const [row] = await (tx ?? (await sql())).insert(roles).values(role).returning();
      return row!;
    },
    /** By name; of one organisation, or of all. */
    async list(organisationId?: string): Promise<RoleRow[]> {
      return (await sql())
        .select()
        .from(roles)
        .where(organisationId === undefined ? undefined : eq(roles.organisationId, organisationId))
        .orderBy(roles.name, roles.id);
    },
    async byId(id: string, tx?: Tx): Promise<RoleRow | undefined> {
      const [row] = await (tx ?? (await sql())).select().from(roles).where(eq(roles.id, id));
      return row;
    },
    async update(id: string, change: RoleChange, tx?: Tx): Promise<RoleRow | undefined> {
      const [row] = await (tx ?? (await sql())).update(roles).set(change).where(eq(roles.id, id)).returning();
      return row;
    },
    async remove(id: string, tx?: Tx): Promise<boolean> {
      const rows = await (tx ?? (await sql())).delete(roles).where(eq(roles.id, id)).returning({ id: roles.id });
      return rows.length > 0;
    },
    /** How many members, live keys and open invitations have the role. */
    async uses(id: string, tx: Tx): Promise<{ members: number; keys: number; invitations: number }> {
      const members = await tx.$count(memberships, eq(memberships.role, id));
      const liveKeys = await tx.$count(keys, and(eq(keys.role, id), isNull(keys.revokedAt)));
      const open = await tx.$count(
        invitations,
        and(
          eq(invitations.role, id),
          isNull(invitations.acceptedAt),
          isNull(invitations.revokedAt),
          query`${invitations.expiresAt} > now()`,
        ),
      );
      return { members, keys: liveKeys, invitations: open };
    },
  };
}

export type RoleStore = ReturnType<typeof createRoleStore>;
