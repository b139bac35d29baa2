import { expect, test } from 'bun:test';
import { chatCall } from '../../../test/support/calls.ts';
import type { AnswerChoice } from '../../core/chat-answer.ts';
import { noUsage } from '../../core/usage.ts';
import { faultOfAnswer } from './check-answer.ts';

const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
const format = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } };
const tools = { tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }] };
const toolCall = (name: string, args: string) => ({ type: 'tool-call' as const, id: 'c', name, arguments: args });

function faultOf(choice: Partial<AnswerChoice> | string, body: Record<string, unknown> = {}): string | undefined {
  const parts: AnswerChoice['parts'] = typeof choice === 'string' ? [{ type: 'text', text: choice }] : [];
  const whole = { index: 0, parts, ...(typeof choice === 'object' && choice) };
  return faultOfAnswer({ choices: [whole], usage: noUsage }, chatCall(body).request, { minLogprob: -0.5 });
}
const tokens = (...logprobs: number[]) => logprobs.map((logprob) => ({ token: 'x', logprob, top: [] }));

test.each([
  ['The capital is Paris.', {}],
  ['I cannot recommend this book enough! '.padEnd(500, 'It is splendid. '), {}],
  ['{"a": 1}', format],
  ['```json\n{"a": 1}\n```', format],
  [{ parts: [toolCall('look', '{}')] }, tools],
  [{ parts: [{ type: 'text', text: 'Sure' }], logprobs: tokens(-0.1, -0.2) }, {}],
] as const)('nothing speaks against %o', (answer, body) => {
  expect(faultOf(answer as Partial<AnswerChoice> | string, body)).toBeUndefined();
});

test.each([
  ['', {}, 'empty'],
  [' \n', {}, 'empty'],
  ["I'm sorry, but I can't help with that.", {}, 'refused'],
  ['I cannot answer this question.', {}, 'refused'],
  [{ parts: [{ type: 'refusal', text: 'No.' }] }, {}, 'refused'],
  [{ finish: { reason: 'content-filter' } }, {}, 'refused'],
  ['The answer is {"a": 1}', format, 'invalid JSON'],
  ['{"a": "one"}', format, 'invalid JSON'],
  ['not json', { response_format: { type: 'json_object' } }, 'invalid JSON'],
  [{ parts: [toolCall('look', '{"a":')] }, tools, 'invalid arguments'],
  [{ parts: [toolCall('jump', '{}')] }, tools, 'unknown tool'],
  [{ finish: { reason: 'malformed-tool-call' } }, tools, 'malformed tool call'],
  [{ parts: [{ type: 'text', text: 'Perhaps' }], logprobs: tokens(-0.1, -1.5) }, {}, 'unsure'],
] as const)('%o is at fault', (answer, body, fault) => {
  expect(faultOf(answer as Partial<AnswerChoice> | string, body)).toBe(fault);
});
