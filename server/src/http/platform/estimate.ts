import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { modes } from '../../core/mode.ts';
import { capabilities } from '../../core/model-info.ts';
import { formatUsd } from '../../core/money.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { type Dialect, dialects } from '../../core/wire-name.ts';
import { matchesModel } from '../../policy/authorise.ts';
import type { Estimate, Estimator } from '../../router/estimate.ts';
import type { InboundWire } from '../../wire/wire.ts';
import type { PlatformAccess } from './access.ts';
import { readAmount } from './amount.ts';
import { json, jsonBody, platformRoute } from './route.ts';
import { wishedCall } from './wished-call.ts';

export interface EstimateDeps {
  estimator: Estimator;
  wires: Record<Dialect, InboundWire>;
  /** How long answers were on average, in tokens by `provider/model`. */
  usualOutput(organisationId: string): Promise<ReadonlyMap<string, number>>;
}

const wishSchema = z
  .strictObject({
    dialect: z.enum(dialects).default('openai-chat'),
    mode: z.enum(modes).optional().openapi({ description: 'As `x-sluice-mode` would say it.' }),
    models: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(100)
      .optional()
      .openapi({ description: "Models, aliases or groups; without it, the request's own `model`." }),
    request: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'The body as it would be sent, in the words of its dialect.' }),
  })
  .openapi('EstimateWish');

const usd = (description: string) =>
  z
    .string()
    .nullable()
    .openapi({ description: `${description} US dollars; null: the price is unknown.`, example: '0.0042' });

export const estimateSchema = z
  .object({
    model: z.string(),
    inputTokens: z.number().int(),
    maxOutputTokens: z.number().int(),
    likelyOutputTokens: z.number().int(),
    calls: z.number().int().openapi({
      description: 'How many calls of the model it comes to (3 in the mode `ultra-think`); the costs are those of all.',
    }),
    worstUsd: usd('What a budget would reserve.'),
    likelyUsd: usd('With an answer as long as this organisation usually gets from the model.'),
    refusal: z.string().optional().openapi({ description: 'Why the model cannot answer this request.' }),
  })
  .openapi('Estimate');

const tokens = z.coerce.number().int().positive().optional();
const needsSchema = z.object({
  needs: z
    .string()
    .optional()
    .openapi({ description: `Capabilities with commas between: ${capabilities.join(', ')}.`, example: 'tools,vision' }),
  context: tokens.openapi({ description: 'Tokens that the window must hold.' }),
  maxOutput: tokens.openapi({ description: 'Tokens that an answer may have to have.' }),
  maxPriceUsd: z
    .string()
    .regex(/^\d{1,9}(\.\d{1,9})?$/)
    .optional()
    .openapi({ description: 'US dollars per million tokens, three of input to one of output.', example: '1.5' }),
});

const cheapestSchema = z
  .object({
    model: z.string(),
    pricePerMillionUsd: z.string().openapi({ description: 'Three tokens of input to one of output.' }),
    context: z.number().int().optional(),
    maxOutput: z.number().int().optional(),
    capabilities: z.array(z.string()).optional(),
  })
  .openapi('PricedModel');

/** An estimate as it leaves, in US dollars. */
export const showEstimate = ({ worstNanos, likelyNanos, ...rest }: Estimate) => ({
  ...rest,
  worstUsd: worstNanos === null ? null : formatUsd(worstNanos),
  likelyUsd: likelyNanos === null ? null : formatUsd(likelyNanos),
});

/** `/api/v1/estimate` and `/api/v1/models/cheapest`: what a call would cost, before it is made. */
export function mountEstimate(
  app: OpenAPIHono,
  access: PlatformAccess,
  { estimator, wires, usualOutput }: EstimateDeps,
): void {
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/estimate',
      need: 'any',
      tags: ['Usage'],
      summary: 'What a request would cost at each model; nothing is sent',
      request: { body: jsonBody(wishSchema) },
      responses: { 200: json('The likely cheapest first.', z.object({ data: z.array(estimateSchema) })) },
    },
    async ({ principal, body }) => {
      const { call, names } = wishedCall(wires, principal, body);
      const data = estimator.estimate(call, names, await usualOutput(principal.organisationId));
      return { data: data.map(showEstimate) };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/models/cheapest',
      need: 'any',
      tags: ['Usage'],
      summary: 'The cheapest model that meets requirements, and what comes after it',
      request: { query: needsSchema },
      responses: {
        200: json(
          'The cheapest, and up to nine more.',
          z.object({ cheapest: cheapestSchema, others: z.array(cheapestSchema) }),
        ),
      },
    },
    ({ principal, query: { needs = '', context, maxOutput, maxPriceUsd } }) => {
      const wanted = needs
        .split(',')
        .map((need) => need.trim())
        .filter((need) => need !== '');
      const unknown = wanted.find((need) => !capabilities.includes(need as never));
      if (unknown !== undefined)
        throw invalidRequest(
          `There is no capability ${JSON.stringify(unknown)}. There are ${capabilities.join(', ')}.`,
          'needs',
        );
      const fit = estimator.cheapest(
        {
          capabilities: wanted as (typeof capabilities)[number][],
          context,
          maxOutput,
          ...(maxPriceUsd !== undefined && { mostNanos: readAmount('usd', maxPriceUsd, 'maxPriceUsd') }),
        },
        (model) => !principal.models || matchesModel(principal.models, model),
      );
      const [first, ...others] = fit.slice(0, 10).map(({ model: { id, info }, blendedNanos }) => ({
        model: id,
        pricePerMillionUsd: formatUsd(blendedNanos),
        context: info.context,
        maxOutput: info.maxOutput,
        capabilities: info.capabilities && [...info.capabilities],
      }));
      return { cheapest: first, others };
    },
  );
}
