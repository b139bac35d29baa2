import { composeTenancy } from '../../src/compose-tenancy.ts';
import { newId } from '../../src/core/new-id.ts';
import { createKey, hashKey, keyHint } from '../../src/identity/key-format.ts';
import { createAuditedChange } from '../../src/store/audit-store.ts';
import { createKeyStore, type NewKey } from '../../src/store/key-store.ts';
import { testDatabaseUrl } from '../support/databases.ts';
import { type TestGateway, testGateway } from '../test-gateway.ts';

export interface Person {
  id: string;
  email: string;
}

export interface Answer {
  status: number;
  // What a route answers with is the business of the test that reads it.
  body: Record<string, unknown> & { id: string; data: { id: string }[]; code: string; detail: string; token: string };
}

/**
 * A gateway with organisations, as a company runs it. People cannot log in here: what they do, they do with keys of their own.
 * `elsewhere` is what another replica would do to the same database, of which this gateway is not told.
 */
export async function openWorld(kind: 'embedded' | 'postgresql' = 'embedded') {
  const gateway: TestGateway = await testGateway({
    config: {
      providers: {
        sandbox: { kind: 'sandbox' },
        // Port 9 is that of a service which nobody runs any more.
        elsewhere: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'test' },
      },
    },
    ...(kind === 'postgresql' && { databaseUrl: testDatabaseUrl }),
  });
  const keyStore = createKeyStore(gateway.sql);
  const elsewhere = composeTenancy({
    sql: gateway.sql,
    bus: { subscribe: () => () => {} },
    keyStore,
    keyring: { forget() {} },
    audited: createAuditedChange(gateway.sql),
  });

  /** A request of the platform API; with the operator's key when no other is given. */
  async function ask(method: string, path: string, body?: unknown, key = gateway.key): Promise<Answer> {
    const response = await fetch(gateway.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '');
    // An export is text.
    return { status: response.status, body: isJson ? JSON.parse(text) : { text } };
  }

  async function mustAsk(method: string, path: string, body?: unknown, key?: string): Promise<Answer['body']> {
    const answer = await ask(method, path, body, key);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} is answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  return {
    gateway,
    ask,
    mustAsk,
    elsewhere,
    organisation: async (name: string) => (await mustAsk('POST', '/api/v1/organisations', { name })).id,
    /** Somebody who has an account and belongs nowhere. */
    async stranger(name = 'Somebody'): Promise<Person> {
      const id = newId('usr_');
      const email = `${id}@example.com`;
      await elsewhere.stores.users.insert({ id, name, email });
      return { id, email };
    },
    /** Somebody who was invited into an organisation and came. */
    async member(organisationId: string, role: string, teamIds: string[] = []): Promise<Person> {
      const person = await this.stranger(`A ${role}`);
      const wish = { email: person.email, role, teamIds, organisationId };
      const { token } = await mustAsk('POST', '/api/v1/invitations', wish);
      await elsewhere.services.invitations.accept(token, person);
      return person;
    },
    /** A key as it stands in the database, of a person or of nobody. */
    async key(organisationId: string, over: Partial<NewKey> = {}): Promise<{ id: string; key: string }> {
      const key = createKey();
      const id = newId('key_');
      await keyStore.insert({
        id,
        organisationId,
        name: 'a key',
        role: 'owner',
        hash: hashKey(key),
        hint: keyHint(key),
        ...over,
      });
      return { id, key };
    },
    /** The status of a model call with this key. */
    async callsModel(key: string): Promise<number> {
      const response = await gateway.chat('openai-chat', {
        model: 'sandbox/sandbox-small',
        headers: { authorization: `Bearer ${key}` },
      });
      await response.text();
      return response.status;
    },
    stop: gateway.stop,
  };
}

export type World = Awaited<ReturnType<typeof openWorld>>;
