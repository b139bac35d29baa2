import { and, eq, inArray, lt, sql as query } from 'drizzle-orm';
import type { Sql } from './database.ts';
import { idempotentCalls } from './schema.ts';

export type IdempotentCall = typeof idempotentCalls.$inferSelect;

export interface IdempotencyClaim {
  id: string;
  organisationId: string;
  fingerprint: string;
  /** Made anew for every try: whoever took over in the meantime has another one. */
  claim: string;
  leaseMs: number;
  keepMs: number;
}

const inMs = (ms: number) => query`now() + ${ms} * interval '1 millisecond'`;

/** Requests with an `Idempotency-Key` and their answers. All times are the database's. */
export function createIdempotencyStore(sql: () => Promise<Sql>) {
  return {
    /**
     * Takes the id for a request in one step: of any number that try at once, on any number of replicas, one gets undefined and
     * runs; the others get what is there. A run whose lease is over (its process died), and a row that is too old, are taken over.
     */
    async claim({
      id,
      organisationId,
      fingerprint,
      claim,
      leaseMs,
      keepMs,
    }: IdempotencyClaim): Promise<IdempotentCall | undefined> {
      const database = await sql();
      const mine = {
        organisationId,
        fingerprint,
        claim,
        state: 'running' as const,
        leaseUntil: inMs(leaseMs),
        expiresAt: inMs(keepMs),
        status: null,
        headers: null,
        body: null,
      };
      const [taken] = await database
        .insert(idempotentCalls)
        .values({ id, ...mine })
        .onConflictDoUpdate({
          target: idempotentCalls.id,
          set: mine,
          setWhere: query`${idempotentCalls.expiresAt} < now() or (${idempotentCalls.state} = 'running' and ${idempotentCalls.leaseUntil} < now() and ${idempotentCalls.fingerprint} = ${fingerprint})`,
        })
        .returning({ claim: idempotentCalls.claim });
      if (taken) return undefined;
      const [there] = await database.select().from(idempotentCalls).where(eq(idempotentCalls.id, id));
      // Released between the two steps: the next try finds out.
      return there ?? { id, ...mine, leaseUntil: new Date(), expiresAt: new Date(), createdAt: new Date() };
    },
    /** Says that these runs still live. */
    async renew(claims: readonly string[], leaseMs: number): Promise<void> {
      if (claims.length === 0) return;
      await (await sql())
        .update(idempotentCalls)
        .set({ leaseUntil: inMs(leaseMs) })
        .where(and(inArray(idempotentCalls.claim, [...claims]), eq(idempotentCalls.state, 'running')));
    },
    /** Keeps the answer, unless somebody else has taken over. `lost`: it was too long to keep. */
    async finish(
      { id, claim }: Pick<IdempotencyClaim, 'id' | 'claim'>,
      answer: { state: 'done' | 'lost'; status: number; headers: Record<string, string>; body: Uint8Array },
    ): Promise<void> {
      await (await sql())
        .update(idempotentCalls)
        .set(answer)
        .where(and(eq(idempotentCalls.id, id), eq(idempotentCalls.claim, claim)));
    },
    /** Lets go of an id whose run came to nothing, so that a retry runs. */
    async release({ id, claim }: Pick<IdempotencyClaim, 'id' | 'claim'>): Promise<void> {
      await (await sql())
        .delete(idempotentCalls)
        .where(and(eq(idempotentCalls.id, id), eq(idempotentCalls.claim, claim)));
    },
    async removeExpired(): Promise<void> {
      await (await sql()).delete(idempotentCalls).where(lt(idempotentCalls.expiresAt, query`now()`));
    },
  };
}

export type IdempotencyStore = ReturnType<typeof createIdempotencyStore>;
