import type { Context } from 'hono';
import { isObject, type JsonObject } from '../../core/json.ts';
import { type JsonBody, patchMembers, scanJson } from '../../core/json-scan.ts';
import type { Principal } from '../../core/principal.ts';
import { SluiceError, toSluiceError } from '../../core/sluice-error.ts';
import type { StoredResponse } from '../../store/response-store.ts';
import {
  listedItems,
  prependItems,
  referencedIds,
  resolveReferences,
  storedItems,
  withPreviousResponse,
} from '../../wire/openai-responses/index.ts';
import { errorResponse } from '../error-response.ts';
import { handleChat } from './chat.ts';
import type { GatewayDeps } from './deps.ts';
import { inputItemsPage } from './input-items-page.ts';

/** `POST /v1/responses`: what `previous_response_id` names is put before the input; the answer is kept unless `store` is false. */
export function createResponse(request: Request, deps: GatewayDeps): Promise<Response> {
  return handleChat(request, deps, {
    dialect: 'openai-responses',
    complete: (body, principal) => complete(body, principal, deps),
    echoed: (chat, asked) =>
      typeof asked.previous_response_id === 'string' ? withPreviousResponse(chat, asked.previous_response_id) : chat,
    keep: async ({ request: chat, raw }, asked, answer, principal) => {
      if (chat.store === false || typeof answer.id !== 'string') return;
      await deps.responses.save({
        id: answer.id,
        keyId: principal.keyId,
        previousId: typeof asked.previous_response_id === 'string' ? asked.previous_response_id : null,
        items: storedItems(isObject(raw?.value) ? raw.value : asked, answer),
        body: answer,
      });
    },
  });
}

/** Puts what the body refers to (a previous response, single items of one) in its place. Throws `not_found`. */
async function complete(body: JsonBody, principal: Principal, { responses }: GatewayDeps): Promise<JsonBody> {
  if (!isObject(body.value)) return body;
  let value = body.value;
  const references = referencedIds(value).filter(isStorable);
  if (references.length > 0) value = resolveReferences(value, await responses.items(references, principal.keyId));
  const previousId = value.previous_response_id;
  if (typeof previousId === 'string') {
    const previous = isStorable(previousId) ? await responses.find(previousId, principal.keyId) : undefined;
    if (!previous) {
      throw new SluiceError(
        'not_found',
        `There is no stored response ${JSON.stringify(previousId)} of this key. Send the whole conversation as input instead.`,
        { param: 'previous_response_id' },
      );
    }
    value = prependItems(value, previous.items);
  }
  if (value === body.value) return body;
  const text = patchMembers(body, {
    input: value.input,
    ...(previousId !== undefined && { previous_response_id: null }),
  });
  return { text, value, members: scanJson(text) };
}

/** PostgreSQL has no text with a NUL in it, so there is no such id. */
const isStorable = (id: string): boolean => !id.includes('\0');

/** `GET /v1/responses/:id`, `GET …/input_items` and `DELETE`. */
export const getResponse = (context: Context, deps: GatewayDeps) => withStored(context, deps, ({ body }) => body);

export const getInputItems = (context: Context, deps: GatewayDeps) =>
  withStored(context, deps, ({ items, body }) => {
    const output = Array.isArray(body.output) ? body.output.length : 0;
    return inputItemsPage(listedItems(items.slice(0, items.length - output)), context.req.query());
  });

export const deleteResponse = (context: Context, deps: GatewayDeps) =>
  withStored(context, deps, async ({ id, keyId }) => {
    await deps.responses.remove(id, keyId);
    return { id, object: 'response', deleted: true };
  });

async function withStored(
  context: Context,
  deps: GatewayDeps,
  answer: (row: StoredResponse) => JsonObject | Promise<JsonObject>,
): Promise<Response> {
  const requestId = deps.newId('req_');
  try {
    const principal = await deps.identify(context.req.raw, 'openai-responses');
    const id = context.req.param('id') ?? '';
    const row = isStorable(id) ? await deps.responses.find(id, principal.keyId) : undefined;
    if (!row) throw new SluiceError('not_found', `There is no stored response ${JSON.stringify(id)} of this key.`);
    return Response.json(await answer(row), { headers: { 'x-sluice-request-id': requestId } });
  } catch (thrown) {
    return errorResponse(deps.wires['openai-responses'], toSluiceError(thrown), requestId, {
      'x-sluice-request-id': requestId,
    });
  }
}
