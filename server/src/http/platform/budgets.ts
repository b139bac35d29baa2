import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { BudgetService, StandingBudget } from '../../policy/budgets/budget-service.ts';
import type { Budget } from '../../store/budget-store.ts';
import { budgetScopes, budgetUnits, budgetWindows } from '../../store/schema/money.ts';
import type { PlatformAccess } from './access.ts';
import { amountSchema, readAmount, showAmount } from './amount.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';

const name = z.string().min(1).max(200);
const hard = z.boolean().openapi({ description: 'Refuses calls that could go beyond the limit; else it only tells.' });
const thresholds = z
  .array(z.number().int().min(1).max(1000))
  .max(20)
  .transform((list) => [...new Set(list)].sort((a, b) => a - b))
  .openapi({ description: 'Percent of the limit at which an alert is given, once a window.', example: [50, 80, 100] });
const limit = amountSchema.openapi({ description: 'US dollars or tokens, by `unit`.', example: '25' });

const wishSchema = z
  .strictObject({
    organisationId: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .openapi({ description: "For operators: another organisation than the key's own." }),
    name,
    scope: z.enum(budgetScopes).openapi({ description: 'Whose calls are summed up.' }),
    target: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .optional()
      .openapi({ description: 'The id of the team, user, key or agent, or the tag; none for the organisation.' }),
    unit: z.enum(budgetUnits).default('usd'),
    limit,
    window: z
      .enum(budgetWindows)
      .default('month')
      .openapi({ description: 'Days, weeks (from Monday) and months are those of UTC; `total` counts from now on.' }),
    hard: hard.default(true),
    thresholds: thresholds.default([50, 80, 100]),
  })
  .openapi('NewBudget');

const changeSchema = z
  .strictObject({
    name: name.optional(),
    limit: limit.optional(),
    hard: hard.optional(),
    thresholds: thresholds.optional(),
  })
  .openapi('BudgetChange');

const amount = (description: string) => z.string().openapi({ description, example: '12.5' });

const budgetSchema = z
  .object({
    id: z.string(),
    organisationId: z.string(),
    name: z.string(),
    scope: z.enum(budgetScopes),
    target: z.string().nullable(),
    unit: z.enum(budgetUnits),
    limit: amount('US dollars or tokens, as a decimal text.'),
    window: z.enum(budgetWindows),
    hard: z.boolean(),
    thresholds: z.array(z.number().int()),
    spent: amount('What the calls of this window came to.').nullable(),
    held: amount('What calls that run have reserved.').nullable(),
    left: amount('The limit less both.').nullable(),
    startsAt: z.iso.datetime(),
    resetsAt: z.iso.datetime().nullable().openapi({ description: 'When the window turns over; null: never.' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Budget');

const alertSchema = z
  .object({
    threshold: z.number().int().openapi({ description: 'Percent of the limit.' }),
    windowStart: z.iso.datetime(),
    spent: amount('When it was given.'),
    limit: amount('When it was given.'),
    at: z.iso.datetime(),
  })
  .openapi('BudgetAlert');

const organisationQuery = z.object({
  organisationId: z
    .string()
    .optional()
    .openapi({ param: { name: 'organisationId', in: 'query' }, description: 'For operators: another organisation.' }),
});
const tags = ['Budgets'];

/** `/api/v1/budgets`: what may be spent by whom, and where that stands. */
export function mountBudgets(app: OpenAPIHono, access: PlatformAccess, budgets: BudgetService): void {
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/budgets',
      need: 'budgets:write',
      tags,
      summary: 'Set a budget',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The budget.', budgetSchema) },
    },
    async ({ principal, body }) =>
      present(await budgets.create(principal, { ...body, limit: readAmount(body.unit, body.limit, 'limit') })),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/budgets',
      need: 'budgets:read',
      tags,
      summary: 'List budgets with what is spent, held and left',
      request: { query: organisationQuery },
      responses: { 200: json('The budgets.', z.object({ data: z.array(budgetSchema) })) },
    },
    async ({ principal, query }) => ({ data: (await budgets.list(principal, query.organisationId)).map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/budgets/{id}',
      need: 'budgets:read',
      tags,
      summary: 'Get a budget with what is spent, held and left',
      request: { params: idParam },
      responses: { 200: json('The budget.', budgetSchema) },
    },
    async ({ principal, params: { id } }) => present(await budgets.get(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/budgets/{id}',
      need: 'budgets:write',
      tags,
      summary: 'Change a budget; what is spent stays',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The budget as it is now.', budgetSchema) },
    },
    async ({ principal, params: { id }, body: { limit: wanted, ...change } }) => {
      const { budget } = await budgets.get(principal, id);
      return present(
        await budgets.change(principal, id, {
          ...change,
          ...(wanted !== undefined && { limit: readAmount(budget.unit, wanted, 'limit') }),
        }),
      );
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/budgets/{id}',
      need: 'budgets:write',
      tags,
      summary: 'Remove a budget',
      request: { params: idParam },
      responses: { 200: json('What was removed.', z.object({ id: z.string() })) },
    },
    async ({ principal, params: { id } }) => ({ id: (await budgets.remove(principal, id)).id }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/budgets/{id}/alerts',
      need: 'budgets:read',
      tags,
      summary: 'List the alerts of a budget, newest first',
      request: { params: idParam },
      responses: { 200: json('The alerts.', z.object({ data: z.array(alertSchema) })) },
    },
    async ({ principal, params: { id } }) => {
      const { budget, alerts } = await budgets.alerts(principal, id);
      return {
        data: alerts.map(({ threshold, windowStart, spent, limit: of, at }) => ({
          threshold,
          windowStart: windowStart.toISOString(),
          spent: showAmount(budget.unit, spent),
          limit: showAmount(budget.unit, of),
          at: at.toISOString(),
        })),
      };
    },
  );
}

function present({ budget, span, spent, held }: StandingBudget) {
  const { unit, limit: of, createdAt, updatedAt, ...rest }: Budget = budget;
  const left = spent === null || held === null ? null : Math.max(0, of - spent - held);
  const shown = (value: number | null) => (value === null ? null : showAmount(unit, value));
  return {
    ...rest,
    unit,
    limit: showAmount(unit, of),
    spent: shown(spent),
    held: shown(held),
    left: shown(left),
    startsAt: new Date(span.startMs).toISOString(),
    resetsAt: span.endMs === undefined ? null : new Date(span.endMs).toISOString(),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
