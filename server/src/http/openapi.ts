import type { OpenAPIHono } from '@hono/zod-openapi';

/** `GET /openapi.json`: the platform's routes from their schemas, the dialects by reference to their makers' documents. */
export function documentApi(app: OpenAPIHono): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'A virtual key (`sl_live_…`) or the admin key.',
  });
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Sluice', version: '0.1.0', description: 'One endpoint, one key and one ledger in front of every model.', license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' } },
    servers: [{ url: '/' }],
  });
}
