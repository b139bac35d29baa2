import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { formatUsd } from '../../core/money.ts';
import type { PlanService, PlanWish } from '../../policy/budgets/plan-service.ts';
import type { Plan } from '../../store/plan-store.ts';
import type { PlatformAccess } from './access.ts';
import { amountSchema, readAmount } from './amount.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';

const fields = {
  name: z.string().min(1).max(200),
  tokensPerMonth: z
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .nullable()
    .openapi({ description: 'Tokens in and out a calendar month (UTC); null: as many as they like.' }),
  models: z
    .array(z.string().min(1).max(200))
    .max(1000)
    .nullable()
    .openapi({ description: 'Models that may be used whatever they cost; an entry may end in *.' }),
  maxPriceUsd: amountSchema.nullable().openapi({
    description:
      'Models may be used that cost at most so many US dollars per million tokens, three of input to one of output. With neither this nor `models`, all may be.',
    example: '1',
  }),
};
const { name, tokensPerMonth, models, maxPriceUsd } = fields;

const wishSchema = z
  .strictObject({
    name,
    tokensPerMonth: tokensPerMonth.default(null),
    models: models.default(null),
    maxPriceUsd: maxPriceUsd.default(null),
  })
  .openapi('NewPlan');
const changeSchema = z.strictObject(fields).partial().openapi('PlanChange');
const planSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    tokensPerMonth: z.number().int().nullable(),
    models: z.array(z.string()).nullable(),
    maxPriceUsd: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Plan');
const tags = ['Plans'];

/** `/api/v1/plans`: what organisations may use. */
export function mountPlans(app: OpenAPIHono, access: PlatformAccess, plans: PlanService): void {
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/plans',
      need: 'any',
      tags,
      summary: 'List plans',
      responses: { 200: json('The plans.', z.object({ data: z.array(planSchema) })) },
    },
    async () => ({ data: (await plans.list()).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/plans',
      need: 'operator',
      tags,
      summary: 'Make a plan',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The plan.', planSchema) },
    },
    async ({ principal, body: { maxPriceUsd: ceiling, ...wish } }) =>
      present(await plans.create(principal, { ...wish, priceCeilingNanos: ceilingOf(ceiling) })),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/plans/{id}',
      need: 'operator',
      tags,
      summary: 'Change a plan, for all who have it',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The plan as it is now.', planSchema) },
    },
    async ({ principal, params: { id }, body: { maxPriceUsd: ceiling, ...wish } }) => {
      const change: Partial<PlanWish> = { ...wish };
      if (ceiling !== undefined) change.priceCeilingNanos = ceilingOf(ceiling);
      return present(await plans.change(principal, id, change));
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/plans/{id}',
      need: 'operator',
      tags,
      summary: 'Remove a plan that nobody has',
      request: { params: idParam },
      responses: { 200: json('What was removed.', z.object({ id: z.string() })) },
    },
    async ({ principal, params: { id } }) => ({ id: (await plans.remove(principal, id)).id }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/plans/assign',
      need: 'operator',
      tags,
      summary: 'Give an organisation a plan, or none',
      request: {
        body: jsonBody(
          z
            .strictObject({ organisationId: z.string().min(1).max(200), planId: z.string().min(1).max(200).nullable() })
            .openapi('PlanAssignment'),
        ),
      },
      responses: {
        200: json('As it is now.', z.object({ organisationId: z.string(), planId: z.string().nullable() })),
      },
    },
    async ({ principal, body: { organisationId, planId } }) => {
      await plans.assign(principal, organisationId, planId);
      return { organisationId, planId };
    },
  );
}

const ceilingOf = (ceiling: z.infer<typeof amountSchema> | null): number | null =>
  ceiling === null ? null : readAmount('usd', ceiling, 'maxPriceUsd');

const present = ({ priceCeilingNanos, createdAt, updatedAt, ...plan }: Plan) => ({
  ...plan,
  maxPriceUsd: priceCeilingNanos === null ? null : formatUsd(priceCeilingNanos),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
