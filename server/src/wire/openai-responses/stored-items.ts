import type { ChatRequest } from '../../core/chat-request.ts';
import { asArray, asObject, isObject, type JsonObject } from '../../core/json.ts';

/** The items of a request's `input`; a string is one user message. */
export function inputItems(body: JsonObject): unknown[] {
  const { input } = body;
  if (typeof input !== 'string') return asArray(input);
  return input === '' ? [] : [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
}

/**
 * A copy of `body` with `items` (those that `previous_response_id` stands for) before its own input. The id is taken out,
 * for it is resolved and would mean nothing to a provider; `withPreviousResponse` shows it to the caller again.
 */
export function prependItems(body: JsonObject, items: unknown[]): JsonObject {
  const { previous_response_id: _, ...rest } = body;
  return { ...rest, input: [...items, ...inputItems(body)] };
}

/** What a later request continues from: the items of the request (after `prependItems`), then those of its answer. */
export function storedItems(requestBody: JsonObject, answerBody: JsonObject): unknown[] {
  return [...inputItems(requestBody), ...asArray(answerBody.output)];
}

/** Stored input items as `GET …/input_items` shows them: each with an id, messages in their long form. */
export function listedItems(items: unknown[]): JsonObject[] {
  return items.flatMap((item, index) => (isObject(item) ? [{ id: `item_${index}`, ...listedItem(item) }] : []));
}

function listedItem(item: JsonObject): JsonObject {
  if (item.role === undefined || (item.type ?? 'message') !== 'message') return item;
  const { role, content } = item;
  const part =
    role === 'assistant'
      ? { type: 'output_text', text: content, annotations: [] }
      : { type: 'input_text', text: content };
  return { type: 'message', status: 'completed', ...item, content: typeof content === 'string' ? [part] : content };
}

/** The request as the answer is to echo it: its `previous_response_id` as the caller sent it. For `AnswerContext.request` only. */
export function withPreviousResponse(request: ChatRequest, id: string): ChatRequest {
  const own = { ...request.extensions['openai-responses'], previous_response_id: id };
  return { ...request, extensions: { ...request.extensions, 'openai-responses': own } };
}

/** The ids that a body's `item_reference` items name. SDKs send them in place of items that the server is to remember. */
export function referencedIds(body: JsonObject): string[] {
  return asArray(body.input).flatMap((item) => {
    const id = isReference(item) ? asObject(item)?.id : undefined;
    return typeof id === 'string' ? [id] : [];
  });
}

/** A copy of `body` with every known reference replaced by its item; unknown ones stay, and the parser refuses them. */
export function resolveReferences(body: JsonObject, itemsById: ReadonlyMap<string, unknown>): JsonObject {
  if (!Array.isArray(body.input)) return body;
  const resolve = (item: unknown): unknown =>
    isReference(item) ? (itemsById.get(String(asObject(item)?.id)) ?? item) : item;
  return { ...body, input: body.input.map(resolve) };
}

/** A reference may leave out its type: then it has neither role nor content. */
const isReference = (item: unknown): boolean =>
  isObject(item) && (item.type === 'item_reference' || (item.type == null && item.role === undefined));
