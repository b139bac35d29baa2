import { expect, test } from 'bun:test';
import { openaiAnswer, paceOf, questionBody } from './traffic.ts';

test('question and answer are of about 1 KB', () => {
  for (const body of [questionBody({ dialect: 'openai', model: 'tiny' }), openaiAnswer()]) {
    expect(body.length).toBeGreaterThan(800);
    expect(body.length).toBeLessThan(1300);
  }
});

test('the pace that a question asks for is found in it, also after it was parsed and written anew', () => {
  const body = questionBody({ dialect: 'anthropic', model: 'tiny', stream: { paceMs: 200, events: 50 } });
  expect(paceOf(JSON.stringify(JSON.parse(body)))).toEqual({ paceMs: 200, events: 50 });
});

test('a document of so many tokens is about four times as many characters', () => {
  const body = questionBody({ dialect: 'openai', model: 'tiny', documentTokens: 100_000 });
  expect(body.length).toBeGreaterThan(400_000);
  expect(body.length).toBeLessThan(402_000);
});
