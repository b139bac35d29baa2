import { describe, expect, test } from 'bun:test';
import { hasRedis, sayWithoutRedis, startRedis } from '../../test/support/redis-server.ts';
import { openRedis } from '../store/redis.ts';
import { createSharedTickets } from '../store/ticket-store.ts';
import { createTickets, ticketMs } from './tickets.ts';

sayWithoutRedis('the tests of tickets on several replicas');

test('a ticket gives what it stands for once', async () => {
  const tickets = createTickets();
  const { ticket } = await tickets.issue({ who: 'Ada' });
  expect(ticket).toMatch(/^tkt_[0-9a-f]{40}$/);
  const takes = await Promise.all([1, 2, 3].map(() => tickets.take(ticket)));
  expect(takes.filter((taken) => taken !== undefined)).toEqual([{ who: 'Ada' }]);
  expect(await tickets.take(ticket)).toBeUndefined();
});

test('a ticket is good for 30 seconds and no longer', async () => {
  let nowMs = 1_000_000;
  const tickets = createTickets({ now: () => nowMs });
  const [first, second] = [await tickets.issue({ at: 1 }), await tickets.issue({ at: 2 })];
  expect(first.expiresAt).toEqual(new Date(nowMs + ticketMs));
  nowMs += ticketMs - 1;
  expect(await tickets.take(first.ticket)).toEqual({ at: 1 });
  nowMs += 1;
  expect(await tickets.take(second.ticket)).toBeUndefined();
});

test('what is no ticket, or another one with the same beginning, gives nothing', async () => {
  const tickets = createTickets();
  const { ticket } = await tickets.issue({});
  const other = ticket.slice(0, -1) + (ticket.endsWith('0') ? '1' : '0');
  for (const wrong of ['', 'tkt_', ticket.toUpperCase(), `${ticket}0`, ` ${ticket}`, other])
    expect(await tickets.take(wrong)).toBeUndefined();
  expect(await tickets.take(ticket)).toEqual({});
});

describe.skipIf(!hasRedis)('with Redis', () => {
  async function twoReplicas(
    run: (parts: {
      server: Awaited<ReturnType<typeof startRedis>>;
      open: () => ReturnType<typeof openRedis>;
    }) => Promise<void>,
  ) {
    const server = await startRedis();
    const clients: ReturnType<typeof openRedis>[] = [];
    const open = () => {
      const client = openRedis(server.url);
      clients.push(client);
      return client;
    };
    try {
      await run({ server, open });
    } finally {
      for (const client of clients) await client.close();
      await server.stop();
    }
  }
  const isReady = (redis: ReturnType<typeof openRedis>) =>
    new Promise<void>((resolve) => {
      redis.onReady(resolve);
    });

  test('one of many replicas that ask at once gets it, and Redis holds neither the ticket nor what it stands for', () =>
    twoReplicas(async ({ open }) => {
      const [one, two] = [open(), open()];
      await Promise.all([isReady(one), isReady(two)]);
      const written: string[] = [];
      const watched = {
        ...one,
        set(...wish: Parameters<typeof one.set>) {
          written.push(...wish.map(String));
          return one.set(...wish);
        },
      };
      const here = createTickets({ shared: createSharedTickets({ redis: watched }) });
      const there = createTickets({ shared: createSharedTickets({ redis: two }) });
      for (let round = 0; round < 50; round++) {
        const { ticket } = await here.issue({ secret: 'sl_live_abc' });
        const takes = await Promise.all([here, there, there, here].map((tickets) => tickets.take(ticket)));
        expect(takes.filter((taken) => taken !== undefined)).toEqual([{ secret: 'sl_live_abc' }]);
        expect(written.join(' ')).not.toContain(ticket.slice(4));
      }
      expect(written.join(' ')).not.toContain('sl_live_abc');
    }));

  test('while Redis is away a ticket opens a socket here', () =>
    twoReplicas(async ({ server, open }) => {
      const redis = open();
      await isReady(redis);
      await server.stop();
      const tickets = createTickets({ shared: createSharedTickets({ redis }) });
      const { ticket } = await tickets.issue({ at: 1 });
      expect(await tickets.take(ticket)).toEqual({ at: 1 });
      await expect(tickets.take(ticket)).rejects.toMatchObject({ code: 'unavailable' });
    }));
});
