import { createRoute, type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import type { Principal } from '../../core/principal.ts';
import { invalidRequest, SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import { type Action, lacks, mayEver } from '../../identity/authorise.ts';
import { problemResponse } from '../error-response.ts';
import { tooLarge } from '../read-bytes.ts';
import type { PlatformAccess } from './access.ts';
import { problems, secured } from './documented.ts';

/** `any`: everybody who is somebody; what they see of it is the route's own affair. */
export type Need = Action | 'any';

type Parts = NonNullable<RouteConfig['request']>;
type Valid<Request extends Parts> = {
  params: Request['params'] extends z.ZodType ? z.output<Request['params']> : undefined;
  query: Request['query'] extends z.ZodType ? z.output<Request['query']> : undefined;
  body: Request extends { body: { content: { 'application/json': { schema: infer Schema extends z.ZodType } } } }
    ? z.output<Schema>
    : undefined;
};

export interface PlatformRoute<Request extends Parts> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: `/api/v1/${string}`;
  /** What somebody must be able to do, to anything at all, before the body is looked at. */
  need: Need;
  tags: string[];
  summary: string;
  description?: string;
  /** The body is not JSON: the handler reads it itself. */
  raw?: boolean;
  request?: Request;
  responses: RouteConfig['responses'];
}

/** What a route is given: who asks, and what they sent, checked. */
export type PlatformCall<Request extends Parts> = Valid<Request> & {
  principal: Principal;
  requestId: string;
  context: Context;
};

/** An export of many chats is the longest body that anybody sends. */
const jsonBytes = 64 * 1024 * 1024;

/** Every route of the platform API with what it needs, for the test that none lacks it. */
export const needsByRoute = new Map<string, Need>();

/** A route's JSON answer with its schema. */
export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

/** The path's one parameter, `{id}`. */
export const idParam = z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) });

/** A route's JSON body. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  content: { 'application/json': { schema } },
  required: true as const,
});

/**
 * Mounts one route of the platform API: who asks is found out and their right checked before the body is looked at; what the
 * handler gives back is the answer (a Response as it is, else JSON with the first 2xx status that the route documents), and
 * every error leaves as problem details. The handler still asks `authorise` for the very thing it acts upon.
 */
export function platformRoute<const Request extends Parts = Record<never, never>>(
  app: OpenAPIHono,
  access: PlatformAccess,
  { need, responses, raw = false, ...route }: PlatformRoute<Request>,
  handle: (call: PlatformCall<Request>) => unknown,
): void {
  needsByRoute.set(`${route.method.toUpperCase()} ${route.path}`, need);
  const status = Number(Object.keys(responses).find((code) => code.startsWith('2')) ?? 200);
  const definition = createRoute({
    ...route,
    security: secured,
    'x-permission': need,
    middleware: [requireNeed(access, need, raw)] as never,
    responses: { ...responses, ...problems },
  } as never);
  app.openapi(
    definition as never,
    (async (context: Context) => {
      const requestId = access.newId('req_');
      try {
        const { req } = context as unknown as { req: { valid(part: string): unknown } };
        const answer = await handle({
          principal: { ...context.get('principal'), requestId },
          requestId,
          context,
          params: route.request?.params ? req.valid('param') : undefined,
          query: route.request?.query ? req.valid('query') : undefined,
          body: route.request?.body && !raw ? req.valid('json') : undefined,
        } as PlatformCall<Request>);
        const response =
          answer instanceof Response
            ? answer
            : answer === undefined
              ? new Response(null, { status: 204 })
              : Response.json(answer, { status });
        response.headers.set('x-sluice-request-id', requestId);
        return response;
      } catch (thrown) {
        return answerFault(thrown, access, requestId);
      }
    }) as never,
  );
}

/** Who asks must be somebody, known before anything else is: strangers learn nothing of what there is. */
export const identifyPlatform =
  (access: PlatformAccess): MiddlewareHandler =>
  async (context, next) => {
    try {
      context.set('principal', await access.identify(context.req.raw));
      if (/%00/.test(context.req.url)) throw invalidRequest('The address holds a NUL character.');
    } catch (thrown) {
      return answerFault(thrown, access, access.newId('req_'));
    }
    await next();
  };

const requireNeed =
  (access: PlatformAccess, need: Need, raw: boolean): MiddlewareHandler =>
  async (context, next) => {
    try {
      const principal: Principal = context.get('principal');
      if (need !== 'any' && !mayEver(principal, need)) throw lacks(principal, need);
      const { req } = context;
      const hasBody = Number(req.header('content-length') ?? 0) > 0 || req.header('transfer-encoding') !== undefined;
      if (!raw && Number(req.header('content-length') ?? 0) > jsonBytes) throw tooLarge(jsonBytes);
      if (!raw && hasBody && !/^application\/([\w.+-]*\+)?json\b/i.test(req.header('content-type') ?? '')) {
        throw new SluiceError('unsupported_media_type', 'Send the body as JSON, with content-type: application/json.');
      }
    } catch (thrown) {
      return answerFault(thrown, access, access.newId('req_'));
    }
    await next();
  };

/** An error as problem details; faults of ours are told of. */
export function answerFault(thrown: unknown, access: PlatformAccess, requestId: string): Response {
  const error = isUnstorable(thrown)
    ? invalidRequest('A text holds a NUL character, which cannot be stored.')
    : toSluiceError(thrown);
  if (error.status >= 500) access.onFault(error, requestId);
  return problemResponse(error, requestId);
}

/** PostgreSQL takes every character but NUL: `character_not_in_repertoire` and `untranslatable_character`. */
function isUnstorable(thrown: unknown): boolean {
  const { code, cause } = thrown as { code?: unknown; cause?: unknown };
  return code === '22021' || code === '22P05' || (cause !== undefined && cause !== null && isUnstorable(cause));
}
