import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { toSluiceError } from '../../core/sluice-error.ts';
import type { FirstRun } from '../../identity/login/first-run.ts';
import { problemResponse } from '../error-response.ts';
import type { PlatformAccess } from './access.ts';
import { problems } from './documented.ts';
import { json, jsonBody } from './route.ts';

const ownerSchema = z
  .strictObject({
    token: z.string().min(1).max(200).openapi({ description: 'It stands on the console of the server.' }),
    name: z.string().trim().min(1).max(200),
    email: z.email().max(320),
    password: z.string().min(10).max(128),
  })
  .openapi('FirstOwner');

const doneSchema = z.object({ userId: z.string(), organisationId: z.string() }).openapi('FirstOwnerMade');

/** `/api/v1/setup`: the first person. Mounted before keys are asked for: there is nobody yet who could have one. */
export function mountSetup(
  app: OpenAPIHono,
  access: PlatformAccess,
  { firstRun, issuers }: { firstRun: FirstRun; issuers(): { id: string; name: string }[] },
): void {
  const answering = async (answer: () => Promise<Response>): Promise<Response> => {
    const requestId = access.newId('req_');
    try {
      const response = await answer();
      response.headers.set('x-sluice-request-id', requestId);
      return response;
    } catch (thrown) {
      const error = toSluiceError(thrown);
      if (error.status >= 500) access.onFault(error, requestId);
      return problemResponse(error, requestId);
    }
  };
  const route = { path: '/api/v1/setup', tags: ['Sessions'], security: [] };
  app.openapi(
    createRoute({
      ...route,
      method: 'get',
      summary: 'How people come in: whether the first one is still to be made, and the issuers they may log in with',
      responses: {
        200: json(
          'What there is.',
          z.object({ open: z.boolean(), issuers: z.array(z.object({ id: z.string(), name: z.string() })) }),
        ),
      },
    }),
    (async () => answering(async () => Response.json({ open: await firstRun.isOpen(), issuers: issuers() }))) as never,
  );
  app.openapi(
    createRoute({
      ...route,
      method: 'post',
      summary: 'Make the first person: owner of the default organisation, and operator',
      description: 'With the setup token, which works once and only while there is nobody.',
      request: { body: jsonBody(ownerSchema) },
      responses: { 201: json('Who it is.', doneSchema), 400: problems[400], 401: problems[401], 404: problems[404] },
    }),
    (async (context: { req: { valid(part: 'json'): z.output<typeof ownerSchema> } }) =>
      answering(async () => {
        const { id, organisationId } = await firstRun.complete(context.req.valid('json'));
        return Response.json({ userId: id, organisationId }, { status: 201 });
      })) as never,
  );
}
