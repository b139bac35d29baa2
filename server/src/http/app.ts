import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { invalidRequest, toSluiceError } from '../core/sluice-error.ts';
import type { KeyService } from '../identity/key-service.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { LearningService } from '../policy/learning/learning-service.ts';
import type { LimitService } from '../policy/limits/limit-service.ts';
import { allowedMethods, noSuchRoute } from './allowed-methods.ts';
import { problemResponse } from './error-response.ts';
import type { GatewayDeps } from './gateway/deps.ts';
import { mountGateway } from './gateway/routes.ts';
import { type LoginDeps, mountLogin } from './login.ts';
import { documentApi } from './openapi.ts';
import { mountPages } from './pages.ts';
import type { PlatformAccess } from './platform/access.ts';
import { type CacheDeps, mountCache } from './platform/cache.ts';
import { type ChatDeps, mountChatting } from './platform/chat/index.ts';
import { mountShared } from './platform/chat/shares.ts';
import { type GatewaySettingsDeps, mountGatewaySettings, mountShownBranding } from './platform/gateway-settings.ts';
import { type GuardrailsDeps, mountGuardrails } from './platform/guardrails.ts';
import { mountKeys } from './platform/keys.ts';
import { mountLearning } from './platform/learning.ts';
import { mountLimits } from './platform/limits.ts';
import { type LiveMetricsRoutesDeps, mountLiveMetrics } from './platform/live-metrics.ts';
import { type MoneyDeps, mountMoney } from './platform/money.ts';
import { mountProviders, type ProvidersDeps } from './platform/providers.ts';
import { identifyPlatform } from './platform/route.ts';
import { mountRoutingGroups, type RoutingGroupDeps } from './platform/routing-groups.ts';
import { mountSecrets, type SecretsRoutesDeps } from './platform/secrets.ts';
import { mountSessions } from './platform/sessions.ts';
import { mountTenancy, type TenancyDeps } from './platform/tenancy.ts';
import { mountUsage, type UsageDeps } from './platform/usage.ts';

export interface HttpDeps {
  gateway: GatewayDeps;
  access: PlatformAccess;
  keys: KeyService;
  limits: LimitService;
  routing: RoutingGroupDeps & { learning: LearningService };
  guardrails: GuardrailsDeps;
  cache: CacheDeps;
  tenancy: TenancyDeps;
  login: LoginDeps;
  money: MoneyDeps;
  secrets: SecretsRoutesDeps;
  usage: UsageDeps;
  chatting: ChatDeps;
  gatewaySettings: GatewaySettingsDeps;
  live: LiveMetricsRoutesDeps;
  providers: ProvidersDeps;
  metrics: Metrics;
  /** What `/metrics` answers: of all processes on this port together. */
  metricsText(): Promise<string>;
  /** Others than this machine can reach the server, so its metrics are not for everybody. */
  metricsNeedKey: boolean;
  isReady(): Promise<boolean>;
  /** A model that the front page's example can name. */
  exampleModel(): string;
}

/** Every route there is. Only `/health`, `/ready`, `/` and the documentation answer without a key. */
export function createHttpApp({
  gateway,
  access,
  keys,
  tenancy,
  login,
  limits,
  routing,
  guardrails,
  cache,
  money,
  secrets,
  usage,
  chatting,
  gatewaySettings,
  live,
  providers,
  metrics,
  metricsText,
  metricsNeedKey,
  isReady,
  exampleModel,
}: HttpDeps) {
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
  mountLogin(app, access, login);
  mountShared(app, access, chatting.conversations);
  mountShownBranding(app, gatewaySettings);
  app.use('/api/v1/*', identifyPlatform(access));
  mountSessions(app, access, { service: login.sessionService, sessions: login.sessions });
  mountTenancy(app, access, tenancy);
  mountKeys(app, access, keys);
  mountLimits(app, access, limits);
  mountRoutingGroups(app, access, routing);
  mountLearning(app, access, routing.learning);
  mountGuardrails(app, access, guardrails);
  mountCache(app, access, cache);
  mountMoney(app, access, money);
  mountSecrets(app, access, secrets);
  mountUsage(app, access, usage);
  mountLiveMetrics(app, access, live);
  mountProviders(app, access, providers);
  mountGatewaySettings(app, access, gatewaySettings);
  mountChatting(app, access, chatting);

  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.get('/ready', async (context) =>
    (await isReady()) ? context.json({ status: 'ready' }) : context.json({ status: 'starting or stopping' }, 503),
  );
  if (metricsNeedKey) app.use('/metrics', identifyPlatform(access));
  app.get(
    '/metrics',
    async () => new Response(await metricsText(), { headers: { 'content-type': metrics.registry.contentType } }),
  );
  documentApi(app);
  mountPages(app, { exampleModel });

  app.notFound(({ req }) => {
    const allowed = allowedMethods(app.routes, req.path);
    return problemResponse(noSuchRoute(req.method, req.path, allowed), access.newId('req_'), allowed);
  });
  app.onError((error) => {
    const requestId = access.newId('req_');
    // The validators' own exceptions are about the body: broken JSON.
    const fault = error instanceof HTTPException ? invalidRequest('The body is not valid JSON.') : toSluiceError(error);
    if (fault.status >= 500) access.onFault(fault, requestId);
    return problemResponse(fault, requestId);
  });
  return app;
}
