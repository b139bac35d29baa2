import type { ChatRequest } from '../../core/chat-request.ts';
import { asObject, isObject } from '../../core/json.ts';
import type { BuiltRequest, WireModel } from '../wire.ts';
import { buildRequest } from './build-request.ts';
import { camelKeys } from './names.ts';
import { modelName, parseRequest } from './parse-request.ts';

/**
 * A countTokens body, `{contents}` or `{generateContentRequest: {…}}`, as the request whose prompt is to be counted. Without
 * `address` the model is the one that the inner request names.
 */
export function countTokensRequest(body: unknown, address?: { model: string }): ChatRequest {
  const inner = isObject(body) ? asObject(camelKeys(body).generateContentRequest) : undefined;
  const request = inner ?? body;
  const model = address?.model ?? modelName(asObject(request)?.model);
  return parseRequest(request, { model, stream: false });
}

/** The countTokens body of a request: the inner form, because only that counts the system instruction and the tools. */
export function countTokensBody(request: ChatRequest, model: WireModel): BuiltRequest {
  const { body, losses } = buildRequest(request, model, {});
  return { body: { generateContentRequest: { model: `models/${modelName(model.upstream)}`, ...body } }, losses };
}
