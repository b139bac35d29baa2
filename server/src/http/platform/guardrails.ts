import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest } from '../../core/sluice-error.ts';
import { compileRule, type GuardRule } from '../../guard/compile.ts';
import { type Rule, ruleFields } from '../../guard/rule.ts';
import { tryRules } from '../../guard/try-rules.ts';
import { type GuardrailChange, type GuardrailService, readRule, ruleOf } from '../../policy/guard/guardrail-service.ts';
import type { GuardrailRow } from '../../store/guardrail-store.ts';
import type { PlatformAccess } from './access.ts';
import { idParam, json, jsonBody, platformRoute } from './route.ts';

export interface GuardrailsDeps {
  service: GuardrailService;
  /** The rules of the configuration, which hold for everybody. */
  gatewayRules(): readonly GuardRule[];
}

const organisationId = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .openapi({ description: "For operators: another organisation than the key's own." });
const order = z
  .number()
  .int()
  .min(0)
  .max(1_000_000)
  .optional()
  .openapi({ description: 'Lower numbers come first; last, unless it is said.' });

const wishSchema = ruleFields.extend({ organisationId, order }).openapi('NewGuardrail');
const changeSchema = z
  .strictObject({
    name: ruleFields.shape.name.optional(),
    on: z.enum(['input', 'output', 'both']).optional(),
    check: ruleFields.shape.check.optional(),
    action: ruleFields.shape.action.optional(),
    route: ruleFields.shape.route.nullable(),
    roles: ruleFields.shape.roles.nullable(),
    keyId: ruleFields.shape.keyId.nullable(),
    teamId: ruleFields.shape.teamId.nullable(),
    group: ruleFields.shape.group.nullable(),
    enabled: z.boolean().optional(),
    order,
  })
  .openapi('GuardrailChange');

const ruleSchema = z
  .object({
    id: z.string(),
    source: z
      .enum(['organisation', 'gateway'])
      .openapi({ description: '`gateway`: it stands in sluice.yaml, holds for everybody and comes first.' }),
    organisationId: z.string().nullable(),
    name: z.string(),
    order: z.number().int().nullable(),
    enabled: z.boolean(),
    on: z.enum(['input', 'output', 'both']),
    check: z.looseObject({ kind: z.string() }),
    action: z.string(),
    route: z.object({ localOnly: z.boolean().optional(), group: z.string().optional() }).nullable(),
    roles: z.array(z.string()).nullable(),
    keyId: z.string().nullable(),
    teamId: z.string().nullable(),
    group: z.string().nullable(),
    createdAt: z.iso.datetime().nullable(),
    updatedAt: z.iso.datetime().nullable(),
  })
  .openapi('Guardrail');

const testSchema = z
  .strictObject({
    text: z.string().min(1).max(200_000),
    on: z.enum(['input', 'output']).default('input'),
    rules: z
      .array(ruleFields)
      .min(1)
      .max(20)
      .optional()
      .openapi({ description: 'Try these instead of the rules in force.' }),
    organisationId,
  })
  .openapi('GuardrailTest');

const trialSchema = z
  .object({
    text: z.string().openapi({ description: 'The text as it would go on.' }),
    blocked: z.boolean(),
    rules: z.array(
      z.object({
        rule: z.string(),
        action: z.string(),
        found: z.boolean(),
        places: z.array(z.object({ label: z.string(), start: z.number().int(), end: z.number().int() })),
        because: z.string().optional(),
        skipped: z.string().optional(),
      }),
    ),
  })
  .openapi('GuardrailTrial');

const organisationQuery = z.object({
  organisationId: z
    .string()
    .optional()
    .openapi({ param: { name: 'organisationId', in: 'query' }, description: 'For operators: another organisation.' }),
});

/** `/api/v1/guardrails`: rules about what goes in and comes out, and a way to try them on a text. */
export function mountGuardrails(
  app: OpenAPIHono,
  access: PlatformAccess,
  { service, gatewayRules }: GuardrailsDeps,
): void {
  const tags = ['Guardrails'];
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/guardrails',
      need: 'guardrails:write',
      tags,
      summary: 'Add a guardrail',
      request: { body: jsonBody(wishSchema) },
      responses: { 201: json('The rule.', ruleSchema) },
    },
    async ({ principal, body }) => present(await service.create(principal, body)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/guardrails',
      need: 'guardrails:read',
      tags,
      summary: 'List guardrails in the order in which they apply',
      request: { query: organisationQuery },
      responses: { 200: json('The rules.', z.object({ data: z.array(ruleSchema) })) },
    },
    async ({ principal, query }) => {
      const own = await service.list(principal, query.organisationId);
      return { data: [...gatewayRules().map(presentGateway), ...own.map(present)] };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'post',
      path: '/api/v1/guardrails/test',
      need: 'guardrails:read',
      tags,
      summary: 'Try guardrails on a text, without calling a model',
      request: { body: jsonBody(testSchema) },
      responses: { 200: json('What each rule would find.', trialSchema) },
    },
    async ({ principal, body }) => {
      const rules = body.rules ? body.rules.map(prepared) : await inForce(principal, body.organisationId);
      const side = rules.filter(({ on }) => body.rules !== undefined || on === 'both' || on === body.on);
      const { trials, text } = tryRules(body.text, side);
      return { text, blocked: trials.some(({ found, action }) => found && action === 'block'), rules: trials };
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/guardrails/{id}',
      need: 'guardrails:read',
      tags,
      summary: 'Get a guardrail',
      request: { params: idParam },
      responses: { 200: json('The rule.', ruleSchema) },
    },
    async ({ principal, params: { id } }) => present(await service.get(principal, id)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'patch',
      path: '/api/v1/guardrails/{id}',
      need: 'guardrails:write',
      tags,
      summary: 'Change a guardrail: its order, whether it is enabled, or any other field',
      request: { params: idParam, body: jsonBody(changeSchema) },
      responses: { 200: json('The rule as it is now.', ruleSchema) },
    },
    async ({ principal, params: { id }, body }) =>
      present(await service.update(principal, id, body as GuardrailChange)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/guardrails/{id}',
      need: 'guardrails:write',
      tags,
      summary: 'Remove a guardrail',
      request: { params: idParam },
      responses: { 200: json('The rule that was.', ruleSchema) },
    },
    async ({ principal, params: { id } }) => present(await service.remove(principal, id)),
  );

  async function inForce(principal: Principal, organisation: string | undefined): Promise<GuardRule[]> {
    const own = await service.list(principal, organisation);
    return [...gatewayRules(), ...own.map(readRule)].filter(({ enabled }) => enabled);
  }
}

function prepared(rule: Rule): GuardRule {
  try {
    return compileRule({ ...rule, id: rule.name });
  } catch (error) {
    throw invalidRequest(error instanceof Error ? error.message : String(error), 'rules');
  }
}

const orNull = <Value>(value: Value | undefined): Value | null => value ?? null;

function present(row: GuardrailRow) {
  const { id, name, enabled, on, check, action, route, roles, keyId, teamId, group } = ruleOf(row);
  return {
    id,
    source: 'organisation',
    organisationId: row.organisationId,
    name,
    order: row.position,
    enabled,
    on,
    check,
    action,
    route: orNull(route),
    roles: orNull(roles),
    keyId: orNull(keyId),
    teamId: orNull(teamId),
    group: orNull(group),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** What the operator's rules look for in detail is the operator's affair. */
const presentGateway = ({ id, name, enabled, on, check, action, route, roles, keyId, teamId, group }: GuardRule) => ({
  id,
  source: 'gateway',
  organisationId: null,
  name,
  order: null,
  enabled,
  on,
  check: { kind: check.kind },
  action,
  route: orNull(route),
  roles: orNull(roles),
  keyId: orNull(keyId),
  teamId: orNull(teamId),
  group: orNull(group),
  createdAt: null,
  updatedAt: null,
});
