import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { databaseTimeoutMs } from '../support/databases.ts';
import { canReplicate, type Replicas, sayWithoutReplicas, startReplicas } from '../support/replicas.ts';

// Two real servers on one PostgreSQL and one Redis: a rule that is made on one holds on the other.

setDefaultTimeout(databaseTimeoutMs);
sayWithoutReplicas('the test of guardrails on several replicas');

describe.if(canReplicate)('on two replicas', () => {
  let replicas: Replicas;
  beforeAll(async () => {
    replicas = await startReplicas(2, { config: 'providers:\n  sandbox: { kind: sandbox }\n' });
  }, databaseTimeoutMs);
  afterAll(() => replicas.stop());

  test('a rule holds on the other one within a moment, and so does its end', async () => {
    const [first, second] = replicas.servers as [(typeof replicas.servers)[0], (typeof replicas.servers)[0]];
    const say = async () =>
      (await second.chat({ messages: [{ role: 'user', content: 'to anna@example.com' }] })).status;
    const until = async (status: number) => {
      for (let tries = 0; tries < 200 && (await say()) !== status; tries++)
        await new Promise((resolve) => setTimeout(resolve, 10));
      return say();
    };
    expect(await say()).toBe(200);
    const wish = { name: 'no-mail', check: { kind: 'pii', detect: ['email'] }, action: 'block' };
    const made = await first.ask('/api/v1/guardrails', { method: 'POST', body: JSON.stringify(wish) });
    expect(made.status).toBe(201);
    expect(await until(400)).toBe(400);
    const { id } = (await made.json()) as { id: string };
    expect((await first.ask(`/api/v1/guardrails/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect(await until(200)).toBe(200);
  });
});
