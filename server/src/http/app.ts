import { OpenAPIHono } from '@hono/zod-openapi';
import { invalidRequest, SluiceError, toSluiceError } from '../core/sluice-error.ts';
import type { KeyService } from '../identity/key-service.ts';
import type { Metrics } from '../observe/metrics.ts';
import { problemResponse } from './error-response.ts';
import type { GatewayDeps } from './gateway/deps.ts';
import { mountGateway } from './gateway/routes.ts';
import { documentApi } from './openapi.ts';
import { mountPages } from './pages.ts';
import { asPrincipal, type PlatformAccess } from './platform/access.ts';
import { mountKeys } from './platform/keys.ts';
import { mountProviders, type ProvidersDeps } from './platform/providers.ts';
import { mountUsage, type UsageDeps } from './platform/usage.ts';

export interface HttpDeps {
  gateway: GatewayDeps;
  access: PlatformAccess;
  keys: KeyService;
  usage: UsageDeps;
  providers: ProvidersDeps;
  metrics: Metrics;
  /** Others than this machine can reach the server, so its metrics are not for everybody. */
  metricsNeedKey: boolean;
  isReady(): Promise<boolean>;
}

/** Every route there is. Only `/health`, `/ready`, `/` and the documentation answer without a key. */
export function createHttpApp({ gateway, access, keys, usage, providers, metrics, metricsNeedKey, isReady }: HttpDeps) {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      return problemResponse(
        invalidRequest(issue?.message ?? 'The request is not valid.', issue?.path.join('.')),
        access.newId('req_'),
      );
    },
  });
  mountGateway(app, gateway);
  mountKeys(app, access, keys);
  mountUsage(app, access, usage);
  mountProviders(app, access, providers);

  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.get('/ready', async (context) =>
    (await isReady()) ? context.json({ status: 'ready' }) : context.json({ status: 'starting or stopping' }, 503),
  );
  const metricsText = async () =>
    new Response(await metrics.registry.metrics(), { headers: { 'content-type': metrics.registry.contentType } });
  app.get('/metrics', (context) => (metricsNeedKey ? asPrincipal(context, access, 'any', metricsText) : metricsText()));
  documentApi(app);
  mountPages(app);

  app.notFound(({ req }) =>
    problemResponse(
      new SluiceError('not_found', `There is no ${req.method} ${req.path} here. See /docs.`),
      access.newId('req_'),
    ),
  );
  app.onError((error) =>
    problemResponse(
      error instanceof SyntaxError ? invalidRequest('The body is not valid JSON.') : toSluiceError(error),
      access.newId('req_'),
    ),
  );
  return app;
}
