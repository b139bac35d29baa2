import type { Context } from 'hono';
import type { ModelInfo } from '../../core/model-info.ts';
import type { Principal } from '../../core/principal.ts';
import { SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import type { Dialect } from '../../core/wire-name.ts';
import { mayUseModel } from '../../policy/may-use-model.ts';
import { errorResponse } from '../error-response.ts';
import type { GatewayDeps } from './deps.ts';

interface Listed {
  id: string;
  info: ModelInfo;
}

/** Which SDK is asking: its key header and version header tell, the path does for Gemini's beta. */
export function dialectOfList(request: Request, path: string): Dialect {
  const { headers } = request;
  if (
    path.startsWith('/v1beta') ||
    headers.has('x-goog-api-key') ||
    (!headers.has('authorization') && request.url.includes('key='))
  )
    return 'gemini';
  return headers.has('anthropic-version') || headers.has('x-api-key') ? 'anthropic-messages' : 'openai-chat';
}

/** `GET /v1/models` and `/v1beta/models`: what this key may use, in the shape of the SDK that asks. */
export const listModels = (context: Context, deps: GatewayDeps) =>
  answer(context, deps, (dialect, listed) => {
    if (dialect === 'gemini') {
      // Google's list pages by 50; ours is small enough to be one page, whatever is asked for.
      return { models: listed.map(geminiModel) };
    }
    if (dialect === 'anthropic-messages') {
      const data = listed.map(anthropicModel);
      return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
    }
    return { object: 'list', data: listed.map(openAiModel) };
  });

/** `GET /v1/models/{id}`, where the id may hold slashes: what the list holds, by its id or by a name that leads to it. */
export const getModel = (context: Context, deps: GatewayDeps, id: string) =>
  answer(context, deps, (dialect, listed) => {
    const exact = listed.find((model) => model.id === id);
    const meant = exact ? undefined : deps.registry().findModel(id)?.model.id;
    const model = exact ?? listed.find((candidate) => candidate.id === meant);
    if (!model)
      throw new SluiceError(
        'model_not_found',
        `There is no model ${JSON.stringify(id)} here. GET /v1/models lists all.`,
        { param: 'model' },
      );
    return dialect === 'gemini'
      ? geminiModel(model)
      : dialect === 'anthropic-messages'
        ? anthropicModel(model)
        : openAiModel(model);
  });

async function answer(
  context: Context,
  deps: GatewayDeps,
  build: (dialect: Dialect, listed: Listed[]) => object,
): Promise<Response> {
  const requestId = deps.newId('req_');
  const dialect = dialectOfList(context.req.raw, context.req.path);
  const headers = { 'x-sluice-request-id': requestId };
  try {
    const principal = await deps.identify(context.req.raw);
    return Response.json(build(dialect, listFor(principal, deps)), { headers });
  } catch (thrown) {
    return errorResponse(deps.wires[dialect], toSluiceError(thrown), requestId, headers);
  }
}

function listFor(principal: Principal, { registry }: GatewayDeps): Listed[] {
  const known = registry();
  // Those that somebody made: the built-in ones choose among everything, as `auto` does.
  const made = known.groups().filter(({ origin }) => origin !== 'built-in');
  const groups = made.map(({ name }) => ({ id: `group/${name}`, info: { provider: 'sluice', id: name } }));
  const aliases = Object.keys(known.aliases()).flatMap((id) => {
    const model = known.findModel(known.aliases()[id]!)?.model;
    return model ? [{ id, info: model.info }] : [];
  });
  const all = [...known.models().map(({ id, info }) => ({ id, info })), ...aliases, ...groups];
  return all.filter(({ id }) => mayUseModel(principal, id, known.groupOf));
}

const released = ({ released: date }: ModelInfo): number => (date ? Math.floor(Date.parse(date) / 1000) : 0);

function openAiModel({ id, info }: Listed) {
  return {
    id,
    object: 'model',
    created: released(info),
    owned_by: info.provider,
    ...(info.context !== undefined && { context_window: info.context }),
    ...(info.maxOutput !== undefined && { max_output_tokens: info.maxOutput }),
    ...(info.capabilities && { capabilities: info.capabilities }),
    ...(info.price && { pricing: info.price }),
  };
}

function anthropicModel({ id, info }: Listed) {
  return {
    type: 'model',
    id,
    display_name: info.name ?? id,
    created_at: new Date(released(info) * 1000).toISOString(),
    ...(info.context !== undefined && { max_input_tokens: info.context }),
    ...(info.maxOutput !== undefined && { max_tokens: info.maxOutput }),
  };
}

function geminiModel({ id, info }: Listed) {
  const embeds = info.capabilities?.includes('embeddings');
  return {
    name: `models/${id}`,
    baseModelId: id,
    version: info.released ?? '1',
    displayName: info.name ?? id,
    description: `${info.name ?? id} at ${info.provider}`,
    ...(info.context !== undefined && { inputTokenLimit: info.context }),
    ...(info.maxOutput !== undefined && { outputTokenLimit: info.maxOutput }),
    supportedGenerationMethods: embeds
      ? ['embedContent', 'batchEmbedContents']
      : ['generateContent', 'streamGenerateContent', 'countTokens'],
  };
}
