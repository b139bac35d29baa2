import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { modes } from '../../core/mode.ts';
import { dialects } from '../../core/wire-name.ts';
import type { Explainer } from '../../router/explain.ts';
import type { PlatformAccess } from './access.ts';
import { type EstimateDeps, estimateSchema, showEstimate } from './estimate.ts';
import { json, jsonBody, platformRoute } from './route.ts';
import { wishedCall } from './wished-call.ts';

export interface ComplexityDeps extends Omit<EstimateDeps, 'estimator'> {
  explainer: Explainer;
}

const wishSchema = z
  .strictObject({
    dialect: z.enum(dialects).default('openai-chat'),
    mode: z.enum(modes).optional().openapi({ description: 'As `x-sluice-mode` would say it.' }),
    request: z.record(z.string(), z.unknown()).openapi({
      description:
        'The body as it would be sent, in the words of its dialect; `model` names a model, a group or `auto`.',
    }),
  })
  .openapi('ComplexityWish');

const part = (description: string) => z.number().openapi({ description });
const choice = (description: string) => z.string().nullable().openapi({ description });

const explanationSchema = z
  .object({
    score: part('From 0 (easy) to 1 (hard).'),
    factors: z.object({
      length: part('0.1 under 100 characters, 0.3 up to 500, 0.5 above.'),
      complexWords: part('0.1 for each of up to three different words like analyze, design, implement.'),
      simpleWords: part('-0.1 for words like what is, list, summarize.'),
      code: part('0.3 for a fenced block, 0.15 for other marks of code.'),
      question: part('-0.1 when it ends with a question mark.'),
      creative: part('0.2 for a poem, a story and the like.'),
    }),
    taskType: z.string().openapi({ description: 'What kind of task the last message looks like, by its words.' }),
    routed: z
      .object({ model: z.string(), reason: z.string() })
      .openapi({ description: 'Where the call would go now, by the configured strategy.' }),
    candidates: z.array(
      estimateSchema.extend({
        latencyMs: z.number().nullable().openapi({
          description:
            'To the first token lately, or to a whole answer where nothing was streamed; null: not asked lately.',
        }),
        expectedQuality: z.number().nullable().openapi({
          description:
            'The chance of a good answer, 0 to 1, to that message of the conversation for which the model is least fit.',
        }),
      }),
    ),
    choices: z
      .object({
        ordered: choice('The first member as configured.'),
        cheapest: choice('The likely cheapest for this request.'),
        fastest: choice('Whoever answered quickest lately, or was not asked lately.'),
        learned: choice('The cheapest that is expected to be good enough.'),
        complexity: choice('By the score. Members count as weakest first in a group of this strategy, else by price.'),
      })
      .openapi({ description: 'Whom each strategy would ask first; null: nobody can take the request.' }),
  })
  .openapi('RoutingExplanation');

/** `POST /api/v1/complexity`: how hard a request looks, and where it would go and why. */
export function mountComplexity(
  app: OpenAPIHono,
  access: PlatformAccess,
  { explainer, wires, usualOutput }: ComplexityDeps,
): void {
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/complexity',
      need: 'any',
      tags: ['Usage'],
      summary: 'How hard a request looks, and where it would go; nothing is sent',
      request: { body: jsonBody(wishSchema) },
      responses: { 200: json('The score by its factors, and the choice of each strategy.', explanationSchema) },
    },
    async ({ principal, body }) => {
      const { call } = wishedCall(wires, principal, body);
      const { candidates, ...rest } = explainer.explain(call, await usualOutput(principal.organisationId));
      return {
        ...rest,
        candidates: candidates.map(({ expectedQuality, latencyMs, ...estimate }) => ({
          ...showEstimate(estimate),
          latencyMs,
          expectedQuality: expectedQuality === null ? null : Math.round(expectedQuality * 1000) / 1000,
        })),
      };
    },
  );
}
