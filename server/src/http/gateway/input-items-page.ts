import type { JsonObject } from '../../core/json.ts';
import { invalidRequest } from '../../core/sluice-error.ts';

const mostItems = 100;

/**
 * One page of the input items of a stored response, by the query of OpenAI's `GET /v1/responses/{id}/input_items`: `order`
 * (`desc` unless said), `limit` (1 to 100, 20 unless said) and `after`, the id of the last item seen. `items` stand in the
 * order of the conversation. Throws `invalid_request`.
 */
export function inputItemsPage(
  items: JsonObject[],
  { order = 'desc', limit = '20', after }: Record<string, string>,
): JsonObject {
  if (order !== 'asc' && order !== 'desc') throw invalidRequest('`order` must be asc or desc.', 'order');
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > mostItems)
    throw invalidRequest(`\`limit\` must be a whole number from 1 to ${mostItems}.`, 'limit');
  const ordered = order === 'asc' ? items : items.toReversed();
  const start = after === undefined ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  if (after !== undefined && start === 0)
    throw invalidRequest(`\`after\` names no item of this response: ${JSON.stringify(after.slice(0, 100))}.`, 'after');
  const data = ordered.slice(start, start + count);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + count < ordered.length,
  };
}
