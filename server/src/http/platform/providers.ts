import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ModelInfo } from '../../core/model-info.ts';
import { SluiceError } from '../../core/sluice-error.ts';
import { matchesModel } from '../../policy/authorise.ts';
import type { Registry } from '../../router/registry.ts';
import { asPrincipal, type PlatformAccess } from './access.ts';
import { problems, secured } from './documented.ts';

export interface ProviderSummary {
  id: string;
  kind: string;
  local: boolean;
  wires: readonly string[];
  credentials: string[];
  models: number;
}

export interface ProviderTest {
  id: string;
  reachable: boolean;
  keyValid: boolean | null;
  models: number | null;
  latencyMs: number;
  detail: string;
}

export interface ProvidersDeps {
  list(): ProviderSummary[];
  /** Undefined when there is no such provider. */
  test(id: string, signal: AbortSignal): Promise<ProviderTest | undefined>;
  registry(): Registry;
}

const summarySchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    local: z.boolean(),
    wires: z.array(z.string()),
    credentials: z.array(z.string()).openapi({ description: 'Names of the credentials, never the secrets.' }),
    models: z.number().int(),
  })
  .openapi('Provider');
const testSchema = z
  .object({
    id: z.string(),
    reachable: z.boolean(),
    keyValid: z.boolean().nullable(),
    models: z.number().int().nullable(),
    latencyMs: z.number(),
    detail: z.string(),
  })
  .openapi('ProviderTest');
const modelSchema = z.object({ id: z.string(), provider: z.string(), upstream: z.string() }).loose().openapi('Model');
const json = <T extends z.ZodType>(description: string, schema: T) => ({
  description,
  content: { 'application/json': { schema } },
});

/** `/api/v1/providers` and `/api/v1/models`: what is configured, and whether it works. */
export function mountProviders(
  app: OpenAPIHono,
  access: PlatformAccess,
  { list, test, registry }: ProvidersDeps,
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/v1/providers',
      tags: ['Providers'],
      summary: 'List providers',
      security: secured,
      responses: { 200: json('The providers.', z.object({ data: z.array(summarySchema) })), ...problems },
    }),
    (context) => asPrincipal(context, access, 'admin', () => context.json({ data: list() }, 200)) as never,
  );
  app.openapi(
    createRoute({
      method: 'post',
      path: '/api/v1/providers/{id}/test',
      tags: ['Providers'],
      summary: 'Test a provider: reachable, key valid',
      security: secured,
      request: { params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }) },
      responses: { 200: json('What was found.', testSchema), ...problems },
    }),
    (context) =>
      asPrincipal(context, access, 'admin', async () => {
        const { id } = context.req.valid('param');
        const result = await test(id, context.req.raw.signal);
        if (!result) throw new SluiceError('not_found', `There is no provider ${JSON.stringify(id)}.`);
        return context.json(result, 200);
      }) as never,
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/api/v1/models',
      tags: ['Providers'],
      summary: 'List models with window, capabilities and price',
      security: secured,
      responses: { 200: json('The models.', z.object({ data: z.array(modelSchema) })), ...problems },
    }),
    (context) =>
      asPrincipal(context, access, 'any', ({ models: allowed }) => {
        const data = registry()
          .models()
          .filter(({ id }) => !allowed || matchesModel(allowed, id))
          .map(({ id, info, deployments, fallbacks }) => ({
            ...facts(info),
            id,
            provider: deployments[0]!.provider,
            upstream: deployments[0]!.upstream,
            fallbacks,
          }));
        return context.json({ data }, 200);
      }) as never,
  );
}

const facts = ({ name, context, maxOutput, capabilities, price, released, source }: ModelInfo) => ({
  name,
  context,
  maxOutput,
  capabilities,
  /** US dollars per million tokens. */
  price,
  released,
  source,
});
