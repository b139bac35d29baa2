import { expect, test } from 'bun:test';
import { chatCall } from '../../test/support/calls.ts';
import { complexityOf, orderByComplexity } from './complexity.ts';

const asking = (...messages: { role: string; content: unknown }[]) => chatCall({ messages }).request;
const user = (content: unknown) => ({ role: 'user', content });
const hard = `Analyze the trade-offs, then design and implement it. ${'More of the same story. '.repeat(25)}`;
const members = ['tiny', 'small', 'large'];
const orderOf = (content: string, thresholds?: number[]) =>
  orderByComplexity(members, asking(user(content)), thresholds);

test('easy requests begin at the weakest member, hard ones at the strongest, and the rest stand behind, stronger ones first', () => {
  expect(orderOf('Hello').ordered).toEqual(['tiny', 'small', 'large']);
  expect(orderOf('Write a poem')).toEqual({ ordered: ['small', 'large', 'tiny'], because: 'complexity 0.30' });
  expect(orderOf(hard).ordered).toEqual(['large', 'small', 'tiny']);
});

test('thresholds move the tiers, and a tier beyond the last member is the last one’s', () => {
  expect(orderOf('Hello', [0.05, 0.08]).ordered[0]).toBe('large');
  expect(orderOf(hard, [0.7]).ordered[0]).toBe('small');
  expect(orderByComplexity(['only'], asking(user(hard))).ordered).toEqual(['only']);
  expect(orderByComplexity([], asking(user(hard))).ordered).toEqual([]);
});

test('a conversation keeps the score of the hardest thing that was asked, through tool loops and small talk', () => {
  const score = complexityOf(asking(user(hard))).score;
  const later = asking(
    user(hard),
    {
      role: 'assistant',
      content: null,
      ...{ tool_calls: [{ id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } }] },
    },
    { role: 'tool', content: 'x'.repeat(2000), ...{ tool_call_id: 'a' } },
    user('Thanks!'),
  );
  expect(complexityOf(later).score).toBe(score);
});

test('what the system and pictures say does not count, and a request without a user’s words is an easy one', () => {
  const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
  expect(
    complexityOf(asking({ role: 'system', content: hard }, user([{ type: 'text', text: 'Hello' }, picture]))),
  ).toEqual(complexityOf(asking(user('Hello'))));
  expect(complexityOf(asking({ role: 'system', content: hard })).score).toBe(0.1);
});
