import { describe, expect, test } from 'bun:test';
import { databaseKinds, databaseTimeoutMs, emptyDatabase } from '../../test/support/databases.ts';
import { createIdempotencyStore } from './idempotency-store.ts';

const wish = (claim: string, over = {}) => ({
  id: 'a',
  organisationId: 'org_default',
  fingerprint: 'f',
  claim,
  leaseMs: 60_000,
  keepMs: 60_000,
  ...over,
});
const answer = { state: 'done' as const, status: 200, headers: { a: 'b' }, body: new Uint8Array([0, 255, 10]) };

for (const kind of databaseKinds) {
  describe(kind, () => {
    test(
      'of any number of tries one gets the run',
      async () => {
        const { sql } = await emptyDatabase(kind);
        const store = createIdempotencyStore(sql);
        const tries = await Promise.all(Array.from({ length: 10 }, (_, index) => store.claim(wish(`claim-${index}`))));
        expect(tries.filter((before) => before === undefined)).toHaveLength(1);
        expect(tries.find((before) => before)?.state).toBe('running');
      },
      databaseTimeoutMs,
    );

    test('an answer is given back as it was kept', async () => {
      const { sql } = await emptyDatabase(kind);
      const store = createIdempotencyStore(sql);
      await store.claim(wish('one'));
      await store.finish({ id: 'a', claim: 'one' }, answer);
      const found = await store.claim(wish('two'));
      expect(found).toMatchObject({ state: 'done', status: 200, headers: { a: 'b' } });
      expect([...found!.body!]).toEqual([0, 255, 10]);
    });

    test('a run whose process died is taken over, and what the dead one still says is not heard', async () => {
      const { sql } = await emptyDatabase(kind);
      const store = createIdempotencyStore(sql);
      await store.claim(wish('dead', { leaseMs: -1 }));
      expect(await store.claim(wish('other body', { fingerprint: 'g' }))).toMatchObject({ fingerprint: 'f' });
      expect(await store.claim(wish('living'))).toBeUndefined();
      await store.finish({ id: 'a', claim: 'dead' }, answer);
      await store.release({ id: 'a', claim: 'dead' });
      expect(await store.claim(wish('third'))).toMatchObject({ state: 'running', claim: 'living' });
      await store.renew(['living'], 60_000);
      await store.release({ id: 'a', claim: 'living' });
      expect(await store.claim(wish('fourth'))).toBeUndefined();
    });

    test('what is too old is forgotten', async () => {
      const { sql } = await emptyDatabase(kind);
      const store = createIdempotencyStore(sql);
      await store.claim(wish('one', { keepMs: -1 }));
      await store.finish({ id: 'a', claim: 'one' }, answer);
      expect(await store.claim(wish('two', { fingerprint: 'another' }))).toBeUndefined();
      await store.claim(wish('three', { id: 'b', keepMs: -1 }));
      await store.removeExpired();
      expect(await store.claim(wish('four', { id: 'b' }))).toBeUndefined();
    });
  });
}
