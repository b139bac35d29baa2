import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { noBranding } from '../../../../shared/src/branding.ts';
import { brandingSchema } from '../../config/branding.ts';
import { modelFactsSchema, name, provider } from '../../config/schema.ts';
import type { BrandingService } from '../../gateway-settings/branding-service.ts';
import type { ModelService } from '../../gateway-settings/model-service.ts';
import type { ProviderService } from '../../gateway-settings/provider-service.ts';
import type { PlatformAccess } from './access.ts';
import { json, jsonBody, platformRoute } from './route.ts';

/** How the gateway runs, with nothing secret. */
export interface SettingsInForce {
  version: string;
  database: 'embedded' | 'postgresql';
  redis: boolean;
  configFile: string;
  settings: Record<string, unknown>;
}

export interface GatewaySettingsDeps {
  inForce(): SettingsInForce;
  providers: ProviderService;
  models: ModelService;
  branding: BrandingService;
}

const { kind, baseUrl, options, wires, firstByteMs } = provider.shape;
const wishSchema = z
  .strictObject({
    kind,
    baseUrl,
    apiKey: z
      .string()
      .max(10_000)
      .regex(/^[\x21-\x7e]+$/, 'A key has no spaces and no line breaks.')
      .optional()
      .openapi({ description: 'Kept sealed and never given back. Left out: the one that is kept stays.' }),
    options,
    wires,
    firstByteMs,
  })
  .openapi('ProviderSettings');
const providerParam = z.object({ id: name.max(64).openapi({ param: { name: 'id', in: 'path' }, example: 'my-vllm' }) });
const modelParam = z.object({
  id: z
    .string()
    .min(1)
    .max(200)
    .openapi({ param: { name: 'id', in: 'path' }, example: 'openai%2Fgpt-4o-mini' }),
});
const done = (what: string) => json(what, z.object({ id: z.string() }));
// Schemas of the configuration know nothing of OpenAPI.
const shownBranding = z.strictObject(brandingSchema.shape).openapi('Branding');

/** What operators set while the gateway runs: `/api/v1/providers/{id}`, `/api/v1/models/{id}` and `/api/v1/branding`. */
export function mountGatewaySettings(
  app: OpenAPIHono,
  access: PlatformAccess,
  { inForce, providers, models, branding }: GatewaySettingsDeps,
): void {
  const operator = { need: 'operator' as const, tags: ['Providers'] };
  platformRoute(
    app,
    access,
    {
      ...operator,
      method: 'put',
      path: '/api/v1/providers/{id}',
      summary: 'Add a provider, or replace one that was added; in force at the next call',
      request: { params: providerParam, body: jsonBody(wishSchema) },
      responses: { 200: done('It is in force.') },
    },
    async ({ principal, params: { id }, body }) => {
      await providers.put(principal, id, body);
      return { id };
    },
  );
  platformRoute(
    app,
    access,
    {
      ...operator,
      method: 'patch',
      path: '/api/v1/providers/{id}',
      summary: 'Switch a provider off or on, wherever it stands; calls go elsewhere from the next on',
      request: {
        params: providerParam,
        body: jsonBody(z.strictObject({ enabled: z.boolean() }).openapi('ProviderSwitch')),
      },
      responses: { 200: done('It is in force.') },
    },
    async ({ principal, params: { id }, body }) => {
      await providers.enable(principal, id, body.enabled);
      return { id };
    },
  );
  platformRoute(
    app,
    access,
    {
      ...operator,
      method: 'delete',
      path: '/api/v1/providers/{id}',
      summary: 'Remove a provider that was added',
      request: { params: providerParam },
      responses: { 200: done('It is gone, its key with it.') },
    },
    async ({ principal, params: { id } }) => {
      await providers.remove(principal, id);
      return { id };
    },
  );
  platformRoute(
    app,
    access,
    {
      ...operator,
      method: 'put',
      path: '/api/v1/models/{id}',
      summary: 'Say what a model costs, holds and can do, instead of what the catalogue says',
      description: 'The id is `provider/model`, with its slashes as `%2F`. What is left out comes from the catalogue.',
      request: { params: modelParam, body: jsonBody(z.strictObject(modelFactsSchema.shape).openapi('ModelFacts')) },
      responses: { 200: done('It is in force at the next call.') },
    },
    async ({ principal, params: { id }, body }) => {
      await models.put(principal, id, body);
      return { id };
    },
  );
  platformRoute(
    app,
    access,
    {
      ...operator,
      method: 'delete',
      path: '/api/v1/models/{id}',
      summary: 'Forget what was said of a model: the catalogue holds again',
      request: { params: modelParam },
      responses: { 200: done('It is forgotten.') },
    },
    async ({ principal, params: { id } }) => {
      await models.remove(principal, id);
      return { id };
    },
  );
  platformRoute(
    app,
    access,
    {
      need: 'operator',
      tags: ['Service'],
      method: 'get',
      path: '/api/v1/settings',
      summary: 'How the gateway runs: version, storage and the configuration in force',
      responses: { 200: json('As it is now.', inForceSchema) },
    },
    () => inForce(),
  );
  platformRoute(
    app,
    access,
    {
      need: 'operator',
      tags: ['Branding'],
      method: 'put',
      path: '/api/v1/branding',
      summary: 'What the app calls itself and looks like; null where it is as the product’s',
      request: { body: jsonBody(shownBranding) },
      responses: { 200: json('As it is now.', shownBranding) },
    },
    ({ principal, body }) => branding.put(principal, body),
  );
}

const inForceSchema = z
  .object({
    version: z.string(),
    database: z.enum(['embedded', 'postgresql']),
    redis: z.boolean().openapi({ description: 'Whether replicas are told of each other’s doings.' }),
    configFile: z.string(),
    settings: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'Sections of the configuration as they are in force, without those that hold secrets.' }),
  })
  .openapi('SettingsInForce');

/** `GET /api/v1/branding`, for everybody: it is shown before anybody is known. Must be mounted before people are asked who they are. */
export function mountShownBranding(app: OpenAPIHono, { branding }: Pick<GatewaySettingsDeps, 'branding'>): void {
  app.openAPIRegistry.registerPath({
    method: 'get',
    path: '/api/v1/branding',
    tags: ['Branding'],
    summary: 'What the app calls itself and looks like',
    security: [],
    responses: { 200: json('As it is now; null where it is as the product’s.', shownBranding) },
  });
  app.get('/api/v1/branding', async (context) => context.json({ ...noBranding, ...(await branding.get()) }));
}
