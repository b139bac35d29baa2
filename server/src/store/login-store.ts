import { and, asc, desc, eq, gt, inArray, lt, or, sql as query } from 'drizzle-orm';
import type { Tx } from './audit-store.ts';
import type { Sql } from './database.ts';
import { accounts, memberships, organisations, passkeys, roles, sessions, users } from './schema.ts';

export type SessionRow = typeof sessions.$inferSelect;
export type UserRow = typeof users.$inferSelect;

/** A session that is alive, and whose it is. */
export interface LiveSession {
  id: string;
  userId: string;
  expiresAt: Date;
}

export interface FirstUser {
  id: string;
  name: string;
  email: string;
  passwordHash: string;
  accountId: string;
  organisationId: string;
}

// Any number that no other lock of this program has.
const setupLock = 7_168_101_228;

/** Sessions and the ways to log in, for what better-auth does not do itself. */
export function createLoginStore(sql: () => Promise<Sql>) {
  return {
    async liveSession(token: string, now: Date): Promise<LiveSession | undefined> {
      const [row] = await (await sql())
        .select({ id: sessions.id, userId: sessions.userId, expiresAt: sessions.expiresAt })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.userId))
        .where(and(eq(sessions.token, token), gt(sessions.expiresAt, now), eq(users.status, 'active')))
        .limit(1);
      return row;
    },
    /** Of these people, newest first. */
    async sessionsOf(userIds: readonly string[], now: Date): Promise<SessionRow[]> {
      if (userIds.length === 0) return [];
      return (await sql())
        .select()
        .from(sessions)
        .where(and(inArray(sessions.userId, [...userIds]), gt(sessions.expiresAt, now)))
        .orderBy(desc(sessions.createdAt));
    },
    async sessionById(id: string): Promise<SessionRow | undefined> {
      const [row] = await (await sql()).select().from(sessions).where(eq(sessions.id, id)).limit(1);
      return row;
    },
    async removeSession(id: string, tx: Tx): Promise<void> {
      await tx.delete(sessions).where(eq(sessions.id, id));
    },
    async removeSessionByToken(token: string): Promise<void> {
      await (await sql()).delete(sessions).where(eq(sessions.token, token));
    },
    /** All of a person's, wherever they are logged in. */
    async removeSessionsOf(userId: string, tx?: Tx): Promise<void> {
      await (tx ?? (await sql())).delete(sessions).where(eq(sessions.userId, userId));
    },
    async removeExpired(now: Date): Promise<void> {
      await (await sql()).delete(sessions).where(lt(sessions.expiresAt, now));
    },
    async userById(id: string): Promise<UserRow | undefined> {
      const [row] = await (await sql()).select().from(users).where(eq(users.id, id)).limit(1);
      return row;
    },
    async userByEmail(email: string): Promise<UserRow | undefined> {
      const [row] = await (await sql()).select().from(users).where(eq(users.email, email.toLowerCase())).limit(1);
      return row;
    },
    /** Who logs in as this subject of an issuer, whichever way the issuer is configured. */
    async userIdOfSubject(accountId: string): Promise<string | undefined> {
      const [row] = await (await sql())
        .select({ userId: accounts.userId })
        .from(accounts)
        .where(eq(accounts.accountId, accountId))
        .limit(1);
      return row?.userId;
    },
    async userIdOfPasskey(credentialId: string): Promise<string | undefined> {
      const [row] = await (await sql())
        .select({ userId: passkeys.userId })
        .from(passkeys)
        .where(eq(passkeys.credentialID, credentialId))
        .limit(1);
      return row?.userId;
    },
    /** The organisations of a person, oldest membership first. */
    async organisationsOf(userId: string): Promise<{ organisationId: string; role: string }[]> {
      return (await sql())
        .select({ organisationId: memberships.organisationId, role: memberships.role })
        .from(memberships)
        .where(eq(memberships.userId, userId))
        .orderBy(asc(memberships.createdAt), asc(memberships.organisationId));
    },
    async membersOf(organisationId: string): Promise<{ userId: string; name: string; email: string }[]> {
      return (await sql())
        .select({ userId: users.id, name: users.name, email: users.email })
        .from(memberships)
        .innerJoin(users, eq(users.id, memberships.userId))
        .where(eq(memberships.organisationId, organisationId));
    },
    /** An organisation by its id or slug, and what a custom role of it allows. */
    async standingOf(organisation: string, role: string) {
      const [row] = await (await sql())
        .select({ id: organisations.id, status: organisations.status, rolePermissions: roles.permissions })
        .from(organisations)
        .leftJoin(roles, and(eq(roles.organisationId, organisations.id), or(eq(roles.id, role), eq(roles.name, role))))
        .where(or(eq(organisations.id, organisation), eq(organisations.slug, organisation)))
        .limit(1);
      return row;
    },
    async join(userId: string, organisationId: string, role: string, tx: Tx): Promise<void> {
      await tx.insert(memberships).values({ userId, organisationId, role }).onConflictDoNothing();
    },
    async removeUser(id: string): Promise<void> {
      await (await sql()).delete(users).where(eq(users.id, id));
    },
    async hasUsers(): Promise<boolean> {
      const [row] = await (await sql()).select({ id: users.id }).from(users).limit(1);
      return row !== undefined;
    },
    /** The first person of all, as owner and operator. False when somebody was first. */
    async insertFirstUser({ passwordHash, accountId, organisationId, ...user }: FirstUser, tx: Tx): Promise<boolean> {
      await tx.execute(query`select pg_advisory_xact_lock(${setupLock})`);
      const [somebody] = await tx.select({ id: users.id }).from(users).limit(1);
      if (somebody) return false;
      // Whoever reads the console of the server is taken at their word.
      await tx.insert(users).values({ ...user, emailVerified: true, operator: true });
      await tx.insert(accounts).values({
        id: accountId,
        userId: user.id,
        providerId: 'credential',
        accountId: user.id,
        password: passwordHash,
      });
      await tx.insert(memberships).values({ organisationId, userId: user.id, role: 'owner' });
      return true;
    },
  };
}

export type LoginStore = ReturnType<typeof createLoginStore>;
