import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ModelInfo } from '../../core/model-info.ts';
import { SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import { mayUseModel } from '../../policy/may-use-model.ts';
import type { Registry } from '../../router/registry.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';

export interface ProviderSummary {
  id: string;
  kind: string;
  local: boolean;
  wires: readonly string[];
  credentials: string[];
  models: number;
  origin: 'file' | 'database' | 'environment' | 'built-in';
  enabled: boolean;
  settings?: { baseUrl?: string; options?: Record<string, unknown>; wires?: string[]; firstByteMs?: number };
  keyHint?: string;
  fault?: string;
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
  /** Makes a provider fetch a model; undefined when there is no such provider or it cannot. */
  pull(id: string, model: string, signal: AbortSignal): AsyncGenerator<PullStep, void, undefined> | undefined;
  registry(): Registry;
  /** What operators said of a model (`provider/model`), over what the catalogue knows. */
  saidOf(model: string): Record<string, unknown> | undefined;
}

/** One step of fetching a model; the last one's status is `success`. */
export interface PullStep {
  status: string;
  digest?: string;
  totalBytes?: number;
  completedBytes?: number;
}

const summarySchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    local: z.boolean(),
    wires: z.array(z.string()),
    credentials: z.array(z.string()).openapi({ description: 'Names of the credentials, never the secrets.' }),
    models: z.number().int(),
    origin: z.enum(['file', 'database', 'environment', 'built-in']).openapi({ description: 'Where it stands.' }),
    enabled: z.boolean(),
    settings: z
      .object({
        baseUrl: z.string().optional(),
        options: z.record(z.string(), z.unknown()).optional(),
        wires: z.array(z.string()).optional(),
        firstByteMs: z.number().optional(),
      })
      .optional()
      .openapi({ description: 'Of one that was added here; what is secret is left out.' }),
    keyHint: z.string().optional().openapi({ example: '…x9Za' }),
    fault: z.string().optional().openapi({ description: 'Why it cannot be used.' }),
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
const modelSchema = z
  .object({
    id: z.string(),
    provider: z.string(),
    upstream: z.string(),
    said: z.record(z.string(), z.unknown()).optional().openapi({
      description: 'What operators said of it, which stands over what the catalogue knows. PUT replaces it.',
    }),
  })
  .loose()
  .openapi('Model');
/** `/api/v1/providers` and `/api/v1/models`: what is configured, and whether it works. */
export function mountProviders(
  app: OpenAPIHono,
  access: PlatformAccess,
  { list, test, pull, registry, saidOf }: ProvidersDeps,
): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/providers',
      need: 'operator',
      tags: ['Providers'],
      summary: 'List providers',
      responses: { 200: json('The providers.', z.object({ data: z.array(summarySchema) })) },
    },
    () => ({ data: list() }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/providers/{id}/test',
      need: 'operator',
      tags: ['Providers'],
      summary: 'Test a provider: reachable, key valid',
      request: { params: idParam },
      responses: { 200: json('What was found.', testSchema) },
    },
    async ({ params: { id }, context }) => {
      const result = await test(id, context.req.raw.signal);
      if (!result) throw new SluiceError('not_found', `There is no provider ${JSON.stringify(id)}.`);
      return result;
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/providers/{id}/pull',
      need: 'operator',
      tags: ['Providers'],
      summary: 'Make a provider fetch a model (Ollama); answers a line of JSON for each step',
      request: {
        params: idParam,
        body: jsonBody(z.strictObject({ model: z.string().min(1).max(200) }).openapi('PullWish')),
      },
      responses: {
        200: {
          description: 'The steps; the last one says `success`, or holds the problem under `error`.',
          content: { 'application/x-ndjson': { schema: z.string() } },
        },
      },
    },
    ({ params: { id }, body: { model }, context }) => {
      const steps = pull(id, model, context.req.raw.signal);
      if (!steps) throw new SluiceError('not_found', `There is no provider ${JSON.stringify(id)} that fetches models.`);
      return new Response(ndjson(steps), { headers: { 'content-type': 'application/x-ndjson' } });
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/models',
      need: 'any',
      tags: ['Providers'],
      summary: 'List models with window, capabilities and price',
      responses: { 200: json('The models.', z.object({ data: z.array(modelSchema) })) },
    },
    ({ principal }) => ({
      data: registry()
        .models()
        .filter(({ id }) => mayUseModel(principal, id, registry().groupOf))
        .map(({ id, info, deployments, fallbacks }) => ({
          ...facts(info),
          id,
          provider: deployments[0]!.provider,
          upstream: deployments[0]!.upstream,
          fallbacks,
          said: saidOf(id),
        })),
    }),
  );
}

/** Of a model what is known of it. */
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

/** A line of JSON a step; a fault on the way is the last line. */
function ndjson(steps: AsyncGenerator<PullStep, void, undefined>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const line = (value: object) => encoder.encode(`${JSON.stringify(value)}\n`);
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await steps.next();
        if (done) return controller.close();
        controller.enqueue(line(value));
      } catch (thrown) {
        const { code, message } = toSluiceError(thrown);
        controller.enqueue(line({ error: { code, message } }));
        controller.close();
      }
    },
    async cancel() {
      await steps.return();
    },
  });
}
