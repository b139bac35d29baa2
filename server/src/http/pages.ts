import type { OpenAPIHono } from '@hono/zod-openapi';

/** `GET /`: says that the gateway is alive. */
export function mountPages(app: OpenAPIHono): void {
  app.get('/', (context) => context.html('<!doctype html><title>Sluice</title><h1>Sluice is running</h1>'));
}
