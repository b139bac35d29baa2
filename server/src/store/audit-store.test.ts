import { describe, expect, setDefaultTimeout, test } from 'bun:test';
import { sql as query, type SQL } from 'drizzle-orm';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../../test/support/databases.ts';
import { principal } from '../../test/support/principals.ts';
import { operatorPrincipal } from '../core/principal.ts';
import { createAuditLog } from './audit-query.ts';
import { type AuditRow, auditHash, createAuditedChange } from './audit-store.ts';
import type { Sql } from './database.ts';
import { auditEntries } from './schema.ts';

setDefaultTimeout(databaseTimeoutMs);

const note = (number: number) => ({
  action: number % 2 === 0 ? 'key.create' : 'team.update',
  target: { kind: 'key', id: `key_${number}` },
  detail: { number, nested: { z: 1, a: [1.5, 'ü', null, { b: 1, a: 2 }] }, nothing: undefined },
});

describe.each(databaseKinds)('on %s', (kind) => {
  async function written(count: number): Promise<{ sql: Sql; log: ReturnType<typeof createAuditLog> }> {
    const { sql } = await emptyDatabase(kind);
    const audited = createAuditedChange(sql);
    for (let number = 1; number <= count; number++)
      await audited({ ...operatorPrincipal, requestId: `req_${number}` }, (_tx, write) => write(note(number)));
    return { sql: await sql(), log: createAuditLog(sql) };
  }

  test('rows are numbered in order, hold who, what and when to the millisecond, and the chain is whole', async () => {
    const before = Date.now();
    const { log } = await written(5);
    const rows = await log.list({}, 10);
    expect(rows.map(({ seq }) => seq)).toEqual([5, 4, 3, 2, 1]);
    expect(rows[0]).toMatchObject({
      actorKind: 'operator',
      actorId: 'admin',
      action: 'team.update',
      targetId: 'key_5',
      requestId: 'req_5',
      previousHash: rows[1]!.hash,
    });
    expect(rows[4]!.at.getTime()).toBeGreaterThanOrEqual(before);
    expect(rows[0]!.at.getTime()).toBeLessThanOrEqual(Date.now());
    expect(await log.verify()).toEqual({
      valid: true,
      rows: 5,
      head: { seq: 5, hash: rows[0]!.hash },
      firstBroken: null,
    });
  });

  test('an audit without rows is whole', async () => {
    const { log } = await written(0);
    expect(await log.verify()).toMatchObject({ valid: true, rows: 0 });
  });

  test('what the change throws leaves neither a row nor a gap', async () => {
    const { sql, log } = await written(1);
    const audited = createAuditedChange(async () => sql);
    const failing = audited(operatorPrincipal, async (_tx, write) => {
      await write(note(2));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await audited(operatorPrincipal, (_tx, write) => write(note(3)));
    expect((await log.list({}, 10)).map(({ targetId }) => targetId)).toEqual(['key_3', 'key_1']);
    expect((await log.verify()).valid).toBe(true);
  });

  test('changes at the same moment take turns: no number twice, no gap, one chain', async () => {
    const { sql, log } = await written(0);
    const audited = createAuditedChange(async () => sql);
    await Promise.all(
      Array.from({ length: 60 }, (_, number) =>
        audited(operatorPrincipal, async (_tx, write) => {
          await write(note(number));
          if (number % 5 === 0) throw new Error('rolled back');
          if (number % 3 === 0) await write(note(1000 + number));
        }).catch(() => {}),
      ),
    );
    const rows = await log.list({}, 1000);
    expect(rows.length).toBe(48 + 16);
    expect(rows.map(({ seq }) => seq).reverse()).toEqual(rows.map((_, index) => index + 1));
    expect(await log.verify()).toMatchObject({ valid: true, rows: rows.length });
  });

  test('rows are found by actor, action, target, organisation and time', async () => {
    const { sql, log } = await written(4);
    const other = principal({ keyId: 'key_b', keyName: 'bob', organisationId: 'org_b' });
    await createAuditedChange(async () => sql)(other, (_tx, write) =>
      write({ action: 'member.add', target: { kind: 'user', id: 'user_1' } }),
    );
    const found = async (filter: Parameters<typeof log.list>[0]) => (await log.list(filter, 10)).map(({ seq }) => seq);
    expect(await found({ actor: 'key_b' })).toEqual([5]);
    expect(await found({ actor: 'bob' })).toEqual([5]);
    expect(await found({ organisationId: 'org_b' })).toEqual([5]);
    expect(await found({ action: 'key.' })).toEqual([4, 2]);
    expect(await found({ action: 'k_y.' })).toEqual([]);
    expect(await found({ target: 'key_3' })).toEqual([3]);
    expect(await found({ target: 'user' })).toEqual([5]);
    expect(await found({ requestId: 'req_2' })).toEqual([2]);
    const third = (await log.list({ target: 'key_3' }, 1))[0]!;
    expect((await found({ from: third.at })).includes(3)).toBe(true);
    expect((await found({ to: third.at })).includes(3)).toBe(false);
    expect(await log.list({}, 2, 4).then((rows) => rows.map(({ seq }) => seq))).toEqual([3, 2]);
  });

  const rehashed = async (sql: Sql, seq: number, over: Partial<AuditRow>): Promise<void> => {
    const [row] = await sql.select().from(auditEntries).where(query`seq = ${seq}`);
    const changed = { ...row!, ...over };
    await sql
      .update(auditEntries)
      .set({ ...over, hash: auditHash(changed) })
      .where(query`seq = ${seq}`);
  };
  const shift = (sql: Sql, from: number, by: number) =>
    sql
      .execute(query`
      update audit_entries set seq = seq + 1000000 where seq >= ${from};
    `)
      .then(() => sql.execute(query`update audit_entries set seq = seq - 1000000 + ${by} where seq > 1000000`));
  const insertCopy = (sql: Sql, of: number, seq: number) =>
    sql.execute(query`
      insert into audit_entries (seq, at, organisation_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, detail, previous_hash, hash)
      select ${seq}, at, organisation_id, actor_kind, actor_id, actor_name, 'key.forged', target_kind, target_id, detail, previous_hash, hash
      from audit_entries where seq = ${of}`);

  const columns: [string, SQL][] = [
    ['at', query`at = at + interval '1 millisecond'`],
    ['organisation_id', query`organisation_id = 'org_other'`],
    ['actor_kind', query`actor_kind = 'user'`],
    ['actor_id', query`actor_id = 'key_other'`],
    ['actor_name', query`actor_name = 'somebody'`],
    ['action', query`action = 'key.revoke'`],
    ['target_kind', query`target_kind = 'user'`],
    ['target_id', query`target_id = 'key_9'`],
    ['detail', query`detail = detail || '{"number": 4}'`],
    ['request_id', query`request_id = null`],
    ['previous_hash', query`previous_hash = repeat('0', 64)`],
    ['hash', query`hash = repeat('f', 64)`],
  ];
  test.each(columns)('a changed %s is found and named', async (_column, change) => {
    const { sql, log } = await written(5);
    await sql.execute(query`update audit_entries set ${change} where seq = 3`);
    expect(await log.verify()).toMatchObject({ valid: false, rows: 2, firstBroken: { seq: 3, fault: 'changed' } });
  });

  const tamperings: [string, (sql: Sql) => Promise<unknown>, { seq: number; fault: string }][] = [
    [
      'the first row changed',
      (sql) => sql.execute(query`update audit_entries set action = 'x' where seq = 1`),
      { seq: 1, fault: 'changed' },
    ],
    [
      'the last row changed',
      (sql) => sql.execute(query`update audit_entries set action = 'x' where seq = 6`),
      { seq: 6, fault: 'changed' },
    ],
    [
      'a row changed with its hash made anew',
      (sql) => rehashed(sql, 3, { action: 'key.forged' }),
      { seq: 3, fault: 'changed' },
    ],
    [
      'the last row changed with its hash made anew',
      (sql) => rehashed(sql, 6, { action: 'key.forged' }),
      { seq: 6, fault: 'changed' },
    ],
    [
      'the first row removed',
      (sql) => sql.execute(query`delete from audit_entries where seq = 1`),
      { seq: 1, fault: 'removed' },
    ],
    [
      'a row removed',
      (sql) => sql.execute(query`delete from audit_entries where seq = 3`),
      { seq: 3, fault: 'removed' },
    ],
    [
      'the last rows removed',
      (sql) => sql.execute(query`delete from audit_entries where seq > 4`),
      { seq: 5, fault: 'removed' },
    ],
    ['all rows removed', (sql) => sql.execute(query`delete from audit_entries`), { seq: 1, fault: 'removed' }],
    ['the head removed', (sql) => sql.execute(query`delete from audit_head`), { seq: 7, fault: 'removed' }],
    [
      'a row removed and the gap closed',
      async (sql) => {
        await sql.execute(query`delete from audit_entries where seq = 3`);
        await shift(sql, 4, -1);
      },
      { seq: 3, fault: 'removed' },
    ],
    ['a row appended', (sql) => insertCopy(sql, 6, 7), { seq: 7, fault: 'inserted' }],
    ['a row appended further on', (sql) => insertCopy(sql, 6, 20), { seq: 20, fault: 'inserted' }],
    ['a row put before the first', (sql) => insertCopy(sql, 6, 0), { seq: 0, fault: 'inserted' }],
    [
      'a row inserted between two others',
      async (sql) => {
        await shift(sql, 3, 1);
        await insertCopy(sql, 2, 3);
      },
      { seq: 3, fault: 'inserted' },
    ],
    [
      'a row inserted between two others, chained to the one before',
      async (sql) => {
        await shift(sql, 3, 1);
        await insertCopy(sql, 2, 3);
        const [second] = await sql.select().from(auditEntries).where(query`seq = 2`);
        await rehashed(sql, 3, { previousHash: second!.hash });
      },
      { seq: 3, fault: 'inserted' },
    ],
    [
      'two rows exchanged',
      async (sql) => {
        await sql.execute(query`update audit_entries set seq = 100 where seq = 3`);
        await sql.execute(query`update audit_entries set seq = 3 where seq = 4`);
        await sql.execute(query`update audit_entries set seq = 4 where seq = 100`);
      },
      // The row at 4 was written as row 3: another one was put before it.
      { seq: 3, fault: 'inserted' },
    ],
  ];
  test.each(tamperings)('%s is found and named', async (_what, tamper, firstBroken) => {
    const { sql, log } = await written(6);
    expect((await log.verify()).valid).toBe(true);
    await tamper(sql);
    expect((await log.verify()).firstBroken).toMatchObject(firstBroken);
  });

  test('a chain that was rewritten whole is found out by a hash that was written down before', async () => {
    const { sql, log } = await written(4);
    const { head } = await log.verify();
    await rehashed(sql, 2, { action: 'key.forged' });
    for (const seq of [3, 4]) {
      const [before] = await sql
        .select()
        .from(auditEntries)
        .where(query`seq = ${seq - 1}`);
      await rehashed(sql, seq, { previousHash: before!.hash });
    }
    await sql.execute(query`update audit_head set hash = (select hash from audit_entries where seq = 4)`);
    expect((await log.verify()).valid).toBe(true);
    expect(await log.verify(head)).toMatchObject({ valid: false, firstBroken: { seq: 4, fault: 'changed' } });
    expect(await log.verify({ seq: 9, hash: head.hash })).toMatchObject({ firstBroken: { seq: 5, fault: 'removed' } });
  });
});
