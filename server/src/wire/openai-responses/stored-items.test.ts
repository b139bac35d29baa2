import { expect, test } from 'bun:test';
import { parseRequest } from './parse-request.ts';
import { prependItems, referencedIds, resolveReferences, storedItems } from './stored-items.ts';
import { recording } from './test-support.ts';

test('a conversation continues from what was stored', () => {
  const first = { model: 'm', input: 'Where is Lisbon?' };
  const stored = storedItems(first, recording('text').body);
  const second = { model: 'm', input: 'And Porto?', previous_response_id: 'resp_1' };
  const whole = prependItems(second, stored);
  expect(whole).not.toHaveProperty('previous_response_id');
  expect(second).toEqual({ model: 'm', input: 'And Porto?', previous_response_id: 'resp_1' });
  expect(parseRequest(whole).messages.map(({ role, parts }) => [role, parts[0]])).toEqual([
    ['user', { type: 'text', text: 'Where is Lisbon?' }],
    ['assistant', { type: 'text', text: 'Lisbon lies on the Tagus. Its hills are steep, its light is white.' }],
    ['user', { type: 'text', text: 'And Porto?' }],
  ]);
  expect(storedItems(whole, recording('refusal').body)).toHaveLength(4);
});

test('a request without input of its own continues too', () => {
  expect(prependItems({ model: 'm' }, [{ role: 'user', content: 'x' }]).input).toEqual([
    { role: 'user', content: 'x' },
  ]);
});

test('references are replaced by their items, and those unknown are left to be refused', () => {
  const message = { type: 'message', id: 'msg_1', role: 'assistant', content: 'x' };
  const body = {
    model: 'm',
    input: [{ type: 'item_reference', id: 'msg_1' }, { id: 'rs_1' }, { role: 'user', content: 'y' }],
  };
  expect(referencedIds(body)).toEqual(['msg_1', 'rs_1']);
  const resolved = resolveReferences(body, new Map([['msg_1', message]]));
  expect(resolved.input).toEqual([message, { id: 'rs_1' }, { role: 'user', content: 'y' }]);
  expect(() => parseRequest(resolved)).toThrow('`rs_1`');
  expect(resolveReferences({ input: 'text' }, new Map())).toEqual({ input: 'text' });
});
