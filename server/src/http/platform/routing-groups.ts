import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { groupSchema, nameOf } from '../../config/group.ts';
import { invalidRequest, SluiceError } from '../../core/sluice-error.ts';
import type { RoutingGroupService } from '../../policy/routing/routing-group-service.ts';
import type { Group, Registry } from '../../router/registry.ts';
import type { PlatformAccess } from './access.ts';
import { json, jsonBody, platformRoute } from './route.ts';

export interface RoutingGroupDeps {
  registry(): Registry;
  service: RoutingGroupService;
}

const tags = ['Routing'];
const nameParam = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'Use letters, digits, dots, dashes and underscores, 64 at most.')
    .openapi({ param: { name: 'name', in: 'path' }, example: 'executors' }),
});

const shownSchema = z
  .object({
    name: z.string(),
    origin: z.enum(['file', 'database', 'built-in']).openapi({ description: 'Where it is kept.' }),
    purpose: z.string().optional(),
    strategy: z.string(),
    models: z.array(z.object({ model: z.string(), weight: z.number() })),
    thresholds: z.array(z.number()).optional(),
    tau: z.number().optional(),
    floor: z.number().optional(),
    default: z.string().optional(),
    verifier: z.string().optional(),
    classifier: z.string().optional(),
    minLogprob: z.number().optional(),
  })
  .openapi('RoutingGroup');

/** `/api/v1/routing-groups`: who answers to `group/<name>`, and how one of them is chosen. */
export function mountRoutingGroups(
  app: OpenAPIHono,
  access: PlatformAccess,
  { registry, service }: RoutingGroupDeps,
): void {
  const find = (name: string): Group => {
    const group = registry()
      .groups()
      .find((each) => each.name === name);
    if (!group) throw new SluiceError('not_found', `There is no routing group ${JSON.stringify(name)}.`);
    return group;
  };

  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/routing-groups',
      need: 'any',
      tags,
      summary: 'List routing groups',
      responses: { 200: json('The groups that are in force.', z.object({ data: z.array(shownSchema) })) },
    },
    () => ({ data: registry().groups().map(present) }),
  );
  platformRoute(
    app,
    access,
    {
      method: 'get',
      path: '/api/v1/routing-groups/{name}',
      need: 'any',
      tags,
      summary: 'Get a routing group',
      request: { params: nameParam },
      responses: { 200: json('The group.', shownSchema) },
    },
    ({ params: { name } }) => present(find(name)),
  );
  platformRoute(
    app,
    access,
    {
      method: 'put',
      path: '/api/v1/routing-groups/{name}',
      need: 'operator',
      tags,
      summary: 'Make a routing group, or replace it; in force at the next call',
      request: { params: nameParam, body: jsonBody(groupSchema) },
      responses: { 200: json('The group as it is now.', shownSchema) },
    },
    async ({ principal, params: { name }, body }) => {
      for (const asked of [...body.models.map(nameOf), body.verifier, body.classifier]) {
        if (asked !== undefined && !registry().findModel(asked))
          throw invalidRequest(`No configured provider serves the model ${JSON.stringify(asked)}.`, 'models');
      }
      await service.put(principal, name, body);
      return present(find(name));
    },
  );
  platformRoute(
    app,
    access,
    {
      method: 'delete',
      path: '/api/v1/routing-groups/{name}',
      need: 'operator',
      tags,
      summary: 'Remove a routing group; a built-in one of its name shows again',
      request: { params: nameParam },
      responses: { 200: json('What was removed.', z.object({ name: z.string() })) },
    },
    async ({ principal, params: { name } }) => ({ name: (await service.remove(principal, name)).name }),
  );
}

const present = ({ members, origin, ...group }: Group) => ({ ...group, origin, models: members });
