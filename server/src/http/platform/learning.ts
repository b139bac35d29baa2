import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { formatUsd } from '../../core/money.ts';
import type { Learning } from '../../policy/learning/learning-memory.ts';
import type { LearningService } from '../../policy/learning/learning-service.ts';
import type { PlatformAccess } from './access.ts';
import { amountSchema, readAmount } from './amount.ts';
import { json, jsonBody, platformRoute } from './route.ts';

const share = z.number().min(0).max(1);
const fields = {
  enabled: z.boolean().openapi({ description: 'Whether anything is learned from your traffic.' }),
  shadowShare: share.openapi({ description: 'The share of calls that a second model is asked too, 0 to 1.' }),
  judge: z.string().min(1).max(200).nullable().openapi({ description: 'The model that grades both answers.' }),
  budgetUsd: amountSchema
    .nullable()
    .openapi({ description: 'What second answers and grades may cost in a calendar month (UTC); null: no bound.' }),
};
const changeSchema = z.strictObject(fields).partial().openapi('LearningChange');
const headSchema = z.object({ model: z.string(), labels: z.number(), bias: z.number(), weights: z.array(z.number()) });
const learningSchema = z
  .object({
    enabled: z.boolean(),
    shadowShare: z.number(),
    judge: z.string().nullable(),
    budgetUsd: z.string().nullable(),
    spentUsd: z.string().openapi({ description: 'What learning cost this month.' }),
    frozen: z.boolean(),
    heads: z.array(headSchema).openapi({ description: 'What was learned of each model.' }),
  })
  .openapi('Learning');

const figure = z.number();
const reportSchema = z
  .object({
    models: z.array(
      z.object({
        model: z.string(),
        labels: z.number().int(),
        byLabel: z.record(z.string(), z.number()),
        expected: figure,
        outcome: figure,
        brier: figure,
        calibrationError: figure,
        drift: figure.nullable().openapi({
          description:
            'Outcome less expectation, the last seven days against those before, in standard errors. Beyond 3 either way something changed. null: fewer than 20 labels on a side.',
        }),
      }),
    ),
    policies: z
      .array(
        z.object({
          policy: z.string(),
          calls: z.number().int(),
          quality: z.object({ value: figure, low: figure, high: figure }),
        }),
      )
      .openapi({ description: 'What was reached, and what always asking one model would have, with 95 % intervals.' }),
  })
  .openapi('LearningReport');

const tags = ['Routing'];

/** `/api/v1/routing/learning`: what the router learns from an organisation's traffic. */
export function mountLearning(app: OpenAPIHono, access: PlatformAccess, learning: LearningService): void {
  const path = '/api/v1/routing/learning';
  const shown = { 200: json('As it is now.', learningSchema) };
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path,
      need: 'routing:read',
      tags,
      summary: 'What is learned, and the heads themselves',
      responses: shown,
    },
    async ({ principal }) => present(await learning.show(principal)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path,
      need: 'routing:write',
      tags,
      summary: 'Turn learning on or off, and say how',
      request: { body: jsonBody(changeSchema) },
      responses: shown,
    },
    async ({ principal, body: { budgetUsd, ...wish } }) =>
      present(
        await learning.change(principal, {
          ...wish,
          ...(budgetUsd !== undefined && {
            budgetNanos: budgetUsd === null ? null : readAmount('usd', budgetUsd, 'budgetUsd'),
          }),
        }),
      ),
  );
  for (const [act, frozen, summary] of [
    ['freeze', true, 'Keep what was learned so far, whatever comes'],
    ['thaw', false, 'Let what comes count again'],
  ] as const) {
    platformRoute(
      app,
      access,
      { method: 'post', path: `${path}/${act}`, need: 'routing:write', tags, summary, responses: shown },
      async ({ principal }) => present(await learning.freeze(principal, frozen)),
    );
  }
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: `${path}/reset`,
      need: 'routing:write',
      tags,
      summary: 'Forget everything that was learned',
      responses: { 200: json('What was forgotten.', z.object({ samples: z.number().int() })) },
    },
    async ({ principal }) => ({ samples: await learning.reset(principal) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: `${path}/report`,
      need: 'routing:read',
      tags,
      summary: 'How well expectations came true, and what other policies would have reached',
      responses: { 200: json('The figures.', reportSchema) },
    },
    ({ principal }) => learning.report(principal),
  );
}

const present = ({ settings, heads, frozen, spentNanos }: Learning) => ({
  enabled: settings.enabled,
  shadowShare: settings.shadowShare,
  judge: settings.judge,
  budgetUsd: settings.budgetNanos === null ? null : formatUsd(settings.budgetNanos),
  spentUsd: formatUsd(spentNanos),
  frozen,
  heads: [...heads].map(([model, { labels, head }]) => ({ model, labels, bias: head.bias, weights: head.weights })),
});
