import { newId } from '../../src/core/new-id.ts';
import { sessions } from '../../src/store/schema.ts';
import type { World } from './world.ts';

/** What an object of an organisation is called in the paths of its routes: the values of `{id}` and its like. */
export type PathValues = Record<string, string>;

/** Somebody of the organisation who is an owner and can act. */
export interface Owning {
  organisationId: string;
  /** A service key that may do everything there. */
  key: string;
}

/**
 * How an object of an organisation is made, by the noun of its routes (`/api/v1/<noun>/…`). Every noun whose routes have a
 * path parameter stands here, and every parameter of its routes in what is returned.
 */
export const objects: Record<string, (world: World, owning: Owning) => Promise<PathValues>> = {
  organisations: async (_world, { organisationId }) => ({ id: organisationId }),
  async teams(world, { organisationId }) {
    const { id } = await world.mustAsk('POST', '/api/v1/teams', { name: newId('team '), organisationId });
    return { id, userId: (await world.member(organisationId, 'member', [id])).id };
  },
  users: async (world, { organisationId }) => ({ id: (await world.member(organisationId, 'viewer')).id }),
  roles: (world, { organisationId }) =>
    made(world, '/api/v1/roles', { name: newId('role '), permissions: ['usage:read'], organisationId }),
  invitations: (world, { organisationId }) =>
    made(world, '/api/v1/invitations', { email: `${newId('u')}@example.com`, organisationId }),
  keys: async (world, { organisationId }) => ({ id: (await world.key(organisationId, { role: 'member' })).id }),
  limits: (world, { organisationId }) =>
    made(world, '/api/v1/limits', {
      subject: 'organisation',
      model: newId('m'),
      requestsPerMinute: 1000,
      organisationId,
    }),
  budgets: (world, { organisationId }) =>
    made(world, '/api/v1/budgets', { name: newId('b'), scope: 'organisation', limit: '1000', organisationId }),
  guardrails: (world, { organisationId }) =>
    made(world, '/api/v1/guardrails', {
      name: newId('g'),
      on: 'input',
      check: { kind: 'size', maxCharacters: 1_000_000 },
      action: 'flag',
      organisationId,
    }),
  'provider-keys': (world, { organisationId }) =>
    made(world, '/api/v1/provider-keys', {
      provider: 'elsewhere',
      name: newId('p'),
      key: 'sk-acme',
      validate: false,
      organisationId,
    }),
  async calls(world, { key }) {
    const response = await world.gateway.chat('openai-chat', {
      model: 'sandbox/sandbox-small',
      headers: { authorization: `Bearer ${key}` },
    });
    await response.text();
    const requestId = response.headers.get('x-sluice-request-id') ?? 'none';
    // Asking for it writes it into the database, where rows are compared.
    await world.mustAsk('GET', `/api/v1/calls/${requestId}`);
    return { requestId };
  },
  async sessions(world, { organisationId }) {
    const { id: userId } = await world.member(organisationId, 'member');
    const id = newId('ses_');
    await (await world.gateway.sql())
      .insert(sessions)
      .values({ id, userId, token: newId('token_'), expiresAt: new Date(Date.now() + 86_400_000) });
    return { id };
  },
  plans: (world) => made(world, '/api/v1/plans', { name: newId('plan ') }),
  providers: async () => ({ id: 'sandbox' }),
  async models(world) {
    const id = 'sandbox/sandbox-small';
    await world.mustAsk('PUT', `/api/v1/models/${encodeURIComponent(id)}`, { context: 100_000 });
    return { id };
  },
  chat: async (world, { key }) => ({ id: (await asked(world, key)).conversationId }),
  async conversations(world, { key }) {
    const { conversationId, id } = await asked(world, key);
    bodies['POST /api/v1/conversations/{id}/fork'] = { messageId: id };
    return { id: conversationId };
  },
  messages: async (world, { key }) => ({ messageId: (await asked(world, key)).id }),
  folders: async (world, { key }) => ({
    id: (await world.mustAsk('POST', '/api/v1/folders', { name: newId('f') }, key)).id,
  }),
  async files(world, { key }) {
    const response = await fetch(`${world.gateway.url}/api/v1/files?name=note.txt`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: newId('words '),
    });
    return { id: ((await response.json()) as { id: string }).id };
  },
  prompts: async (world, { key }) => ({
    id: (await world.mustAsk('POST', '/api/v1/prompts', { command: 'x', title: newId('p'), text: 'x' }, key)).id,
  }),
  async shares(world, { key }) {
    const { conversationId } = await asked(world, key);
    return { id: (await world.mustAsk('POST', '/api/v1/shares', { conversationId }, key)).id };
  },
  async 'routing-groups'(world) {
    const name = newId('g_');
    await world.mustAsk('PUT', `/api/v1/routing-groups/${name}`, group);
    return { name };
  },
};

/** Nouns whose objects are one person's (or key's) alone: not even who may do everything in the organisation sees them. */
export const ofSomebody = new Set(['chat', 'conversations', 'messages', 'folders', 'files', 'prompts', 'shares']);

/** Nouns that belong to the gateway and to no organisation: everybody may read them, operators change them. */
export const ofTheGateway = new Set(['plans', 'providers', 'models', 'routing-groups']);

/** A body that does something, for the routes that take one. */
export const bodies: Record<string, object> = {
  'PATCH /api/v1/organisations/{id}': { name: 'Taken' },
  'PATCH /api/v1/teams/{id}': { name: 'Taken' },
  'PATCH /api/v1/users/{id}': { role: 'member' },
  'PATCH /api/v1/roles/{id}': { name: 'Taken' },
  'PATCH /api/v1/keys/{id}': { name: 'Taken' },
  'PATCH /api/v1/limits/{id}': { requestsPerMinute: 1 },
  'PATCH /api/v1/budgets/{id}': { limit: '1' },
  'PATCH /api/v1/guardrails/{id}': { enabled: false },
  'POST /api/v1/provider-keys/{id}/rotate': { key: 'sk-taken', validate: false },
  'PATCH /api/v1/plans/{id}': { name: 'Taken' },
  'PUT /api/v1/calls/{requestId}/feedback': { score: 1 },
  'PATCH /api/v1/conversations/{id}': { title: 'Taken' },
  'PUT /api/v1/messages/{messageId}/feedback': { rating: 'up' },
  'PATCH /api/v1/folders/{id}': { name: 'Taken' },
  'PATCH /api/v1/prompts/{id}': { title: 'Taken' },
  'PUT /api/v1/routing-groups/{name}': { models: ['sandbox/sandbox-small'] },
  'POST /api/v1/providers/{id}/pull': { model: 'x' },
  'PUT /api/v1/providers/{id}': { kind: 'sandbox' },
  'PATCH /api/v1/providers/{id}': { enabled: true },
  'PUT /api/v1/models/{id}': { context: 1000 },
};

/** Routes whose success hangs on more than rights: what the rightful caller gets instead. */
export const otherwise: Record<string, number> = {
  // Nobody answers at the provider's address.
  'POST /api/v1/provider-keys/{id}/validate': 502,
  // There is no provider here that fetches models.
  'POST /api/v1/providers/{id}/pull': 404,
  // It stands in the configuration file.
  'PUT /api/v1/providers/{id}': 409,
  'DELETE /api/v1/providers/{id}': 409,
};

const group = { models: ['sandbox/sandbox-large', 'sandbox/sandbox-small'] };

async function made(world: World, path: string, body: object): Promise<PathValues> {
  const { id } = await world.mustAsk('POST', path, body);
  return { id };
}

/** A question with its answer, in a conversation of the key's. */
async function asked(world: World, key: string): Promise<{ id: string; conversationId: string }> {
  const wish = { message: 'Hello', model: 'sandbox/sandbox-small', stream: false };
  const answer = (await world.mustAsk('POST', '/api/v1/chat', wish, key)) as unknown as {
    id: string;
    conversationId: string;
    metadata: { requestId: string };
  };
  // Asking for the call writes it into the database, where rows are compared.
  await world.mustAsk('GET', `/api/v1/calls/${answer.metadata.requestId}`);
  return answer;
}
