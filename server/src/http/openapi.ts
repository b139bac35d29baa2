import type { OpenAPIHono } from '@hono/zod-openapi';
import { documentAnthropicRoutes } from './documented/anthropic-routes.ts';
import { documentGeminiRoutes } from './documented/gemini-routes.ts';
import { documentHeaders } from './documented/headers.ts';
import { documentModelRoutes } from './documented/model-routes.ts';
import { documentOpenAiRoutes } from './documented/openai-routes.ts';
import { documentSecurity } from './documented/security.ts';
import { documentServiceRoutes } from './documented/service-routes.ts';
import { version } from './version.ts';

const description = `
Point an OpenAI, Anthropic or Gemini SDK at this server and change nothing but the base URL and the key. Every route below
answers with any model that is configured here, whoever makes it.

**The key** goes wherever your SDK puts it: \`authorization: Bearer\`, \`x-api-key\`, \`x-goog-api-key\` or \`?key=\`.

**Errors** are rows of [one table](/docs/errors) and leave in the shape of the dialect that was spoken; the platform's own
routes (\`/api/v1/…\`) answer with \`application/problem+json\`.

**Headers** named \`x-sluice-…\` say what became of a call: which model answered and why, what it cost, what was lost in
translation. They are explained [here](/docs/reference/headers).

This page is made from [/openapi.json](/openapi.json), an OpenAPI 3.1 document.
`.trim();

const tags = [
  {
    name: 'OpenAI',
    description:
      'Chat Completions, Responses and Embeddings, for the OpenAI SDKs and everything that speaks their protocol.',
  },
  { name: 'Anthropic', description: 'Messages, for the Anthropic SDKs.' },
  {
    name: 'Gemini',
    description: 'generateContent and its kin, for the Google Gen AI SDKs. `/v1` and `/v1beta` are the same.',
  },
  { name: 'Models', description: 'What can be named as a model here.' },
  {
    name: 'Organisations',
    description: 'Whoever has keys, members and budgets of its own, and sees nothing of the others.',
  },
  { name: 'Teams', description: 'Members of an organisation who work together, and the most that their keys may do.' },
  { name: 'Users', description: 'You, and the members of your organisation.' },
  { name: 'Roles', description: 'What members and keys may do: the built-in roles, and your own.' },
  { name: 'Invitations', description: 'Doors held open for people who are not members yet.' },
  { name: 'Keys', description: 'Virtual keys: those of your organisation, or your own.' },
  { name: 'Provider keys', description: 'Keys of providers that an organisation or a person brings.' },
  { name: 'Secrets', description: 'What stored secrets are sealed under.' },
  { name: 'Audit', description: 'Who changed what, when; and whether anybody tampered with the record.' },
  { name: 'Limits', description: 'How much may be asked for, by whom: a minute, and at a time.' },
  { name: 'Cache', description: 'Answers that were given before: settings, invalidation and figures.' },
  {
    name: 'Sessions',
    description: 'The first person, and where people are logged in. Logging in itself is `/api/auth`.',
  },
  { name: 'Plans', description: 'What organisations may use: tokens a month, and which models.' },
  { name: 'Budgets', description: 'What may be spent by whom in which time, and where that stands.' },
  { name: 'Usage', description: 'The ledger: every call, what it used and what it cost. A member sees its own calls.' },
  {
    name: 'Guardrails',
    description: 'Rules about what goes in and comes out: personal data, secrets, injections, schemas.',
  },
  { name: 'Routing', description: 'Groups of models, and how one of them is chosen.' },
  {
    name: 'Chat',
    description: 'Conversations that are kept, and answers that go on when nobody reads: what the app is made of.',
  },
  { name: 'Providers', description: 'What is configured, and whether it works.' },
  { name: 'Branding', description: 'What the app calls itself and looks like.' },
  { name: 'Service', description: 'What answers without a key.' },
];

/** `GET /openapi.json`: the platform's routes from their schemas, the dialects' by their main fields and their makers' references. */
export function documentApi(app: OpenAPIHono): void {
  const registry = app.openAPIRegistry;
  documentSecurity(registry);
  documentHeaders(registry);
  documentOpenAiRoutes(registry);
  documentAnthropicRoutes(registry);
  documentGeminiRoutes(registry);
  documentModelRoutes(registry);
  documentServiceRoutes(registry);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    tags,
  });
}
