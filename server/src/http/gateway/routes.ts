import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Dialect } from '../../core/wire-name.ts';
import { geminiJsonArrayFraming } from '../../wire/gemini/index.ts';
import { allowedMethods, noSuchRoute } from '../allowed-methods.ts';
import { errorResponse } from '../error-response.ts';
import { handleChat } from './chat.ts';
import { handleCountTokens } from './count-tokens.ts';
import type { GatewayDeps } from './deps.ts';
import { handleEmbeddings } from './embeddings.ts';
import { dialectOfList, getModel, listModels } from './models.ts';
import { createResponse, deleteResponse, getInputItems, getResponse } from './responses.ts';

export type PathHandler = (request: Request) => Promise<Response>;

/** The POST routes without a parameter, by path: those of nearly all calls. */
export const gatewayPosts = (deps: GatewayDeps): Record<string, PathHandler> => ({
  '/v1/chat/completions': (request) => handleChat(request, deps, { dialect: 'openai-chat' }),
  '/v1/messages': (request) => handleChat(request, deps, { dialect: 'anthropic-messages' }),
  '/v1/messages/count_tokens': (request) => handleCountTokens(request, deps, 'anthropic-messages'),
  '/v1/responses': (request) => createResponse(request, deps),
  '/v1/embeddings': (request) => handleEmbeddings(request, deps, 'openai'),
});

/** The dialects' routes. */
export function mountGateway(app: OpenAPIHono, deps: GatewayDeps): void {
  for (const [path, handle] of Object.entries(gatewayPosts(deps))) app.post(path, ({ req }) => handle(req.raw));
  app.get('/v1/responses/:id', (context) => getResponse(context, deps));
  app.get('/v1/responses/:id/input_items', (context) => getInputItems(context, deps));
  app.delete('/v1/responses/:id', (context) => deleteResponse(context, deps));
  for (const version of ['/v1', '/v1beta']) {
    app.get(`${version}/models`, (context) => listModels(context, deps));
    app.get(`${version}/models/*`, (context) => getModel(context, deps, rest(context, `${version}/models/`)));
    // Model names hold slashes, so the operation is what follows the last colon.
    app.post(`${version}/models/*`, (context) => geminiOperation(context, deps, rest(context, `${version}/models/`)));
    // Vercel's SDK leaves `models/` out when the name holds a slash.
    app.post(`${version}/*`, (context) =>
      geminiPath.test(context.req.path)
        ? geminiOperation(context, deps, rest(context, `${version}/`))
        : unknownRoute(context, deps, []),
    );
  }
  app.all('/v1/*', (context) => unknownRoute(context, deps, allowedMethods(app.routes, context.req.path)));
  app.all('/v1beta/*', (context) => unknownRoute(context, deps, allowedMethods(app.routes, context.req.path)));
}

const geminiPath = /\/[^/]+:(generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents)$/;

/** What follows the prefix, decoded; a broken escape is left as it stands and names no model. */
function rest(context: Context, prefix: string): string {
  const encoded = context.req.path.slice(prefix.length);
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function geminiOperation(context: Context, deps: GatewayDeps, path: string): Promise<Response> | Response {
  const request = context.req.raw;
  const colon = path.lastIndexOf(':');
  const model = path.slice(0, colon);
  switch (colon === -1 ? '' : path.slice(colon + 1)) {
    case 'generateContent':
      return handleChat(request, deps, { dialect: 'gemini', address: { model, stream: false } });
    case 'streamGenerateContent': {
      const address = { model, stream: true };
      // Without alt=sse Google streams one JSON array.
      return context.req.query('alt') === 'sse'
        ? handleChat(request, deps, { dialect: 'gemini', address })
        : handleChat(request, deps, { dialect: 'gemini', address, streamForm: geminiJsonArrayFraming });
    }
    case 'countTokens':
      return handleCountTokens(request, deps, 'gemini', model);
    case 'embedContent':
      return handleEmbeddings(request, deps, 'gemini', { model, batch: false });
    case 'batchEmbedContents':
      return handleEmbeddings(request, deps, 'gemini', { model, batch: true });
    default:
      return unknownRoute(context, deps, [], 'gemini');
  }
}

function unknownRoute(
  { req }: Context,
  { newId, wires }: GatewayDeps,
  allowed: readonly string[],
  dialect?: Dialect,
): Response {
  const requestId = newId('req_');
  const headers = { 'x-sluice-request-id': requestId, ...(allowed.length > 0 && { allow: allowed.join(', ') }) };
  const wire = wires[dialect ?? dialectOfList(req.raw, req.path)];
  return errorResponse(wire, noSuchRoute(req.method, req.path, allowed), requestId, headers);
}
