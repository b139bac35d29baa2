import { z } from '@hono/zod-openapi';
import { problems } from '../platform/documented.ts';
import { type DocumentRegistry, json, text } from './registry.ts';
import { anyKey } from './security.ts';

const status = z.object({ status: z.string() });
const page = (description: string) => ({ 200: { description, content: { 'text/html': { schema: text('A page.') } } } });

/** What answers without a key: whether the service lives, its figures (to this machine alone), and its documentation. */
export function documentServiceRoutes(registry: DocumentRegistry): void {
  const service = { method: 'get' as const, tags: ['Service'], security: [] };
  registry.registerPath({
    ...service,
    path: '/health',
    summary: 'The process lives',
    responses: { 200: { description: 'It does.', content: json(status) } },
  });
  registry.registerPath({
    ...service,
    path: '/ready',
    summary: 'The service can take requests',
    responses: {
      200: { description: 'The database answers.', content: json(status) },
      503: { description: 'Starting, stopping, or without its database.', content: json(status) },
    },
  });
  registry.registerPath({
    ...service,
    path: '/metrics',
    summary: 'Prometheus metrics',
    description: 'Asks for a key where others than this machine can reach the server.',
    security: [{}, ...anyKey],
    responses: {
      200: {
        description: 'Calls, latency, tokens, cost and health.',
        content: { 'text/plain': { schema: text('The text exposition format.') } },
      },
      401: problems[401],
    },
  });
  registry.registerPath({
    ...service,
    path: '/openapi.json',
    summary: 'This document',
    responses: { 200: { description: 'OpenAPI 3.1.', content: json(z.looseObject({})) } },
  });
  registry.registerPath({ ...service, path: '/', summary: 'The front page', responses: page('Where everything is.') });
  registry.registerPath({
    ...service,
    path: '/docs',
    summary: 'This reference, to read',
    responses: page('The reference.'),
  });
  registry.registerPath({
    ...service,
    path: '/docs/{page}',
    summary: 'A page of the documentation',
    request: {
      params: z.object({ page: z.string().openapi({ param: { name: 'page', in: 'path' }, example: 'errors' }) }),
    },
    responses: {
      ...page('The page.'),
      404: {
        description: 'There is no such page.',
        content: { 'text/html': { schema: text('A page that says so.') } },
      },
    },
  });
}
