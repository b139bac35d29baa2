import { expect, test } from 'bun:test';
import { didYouMeanModel, nearest } from './suggest.ts';

test('a slip is corrected, another word is not', () => {
  const commands = ['serve', 'chat', 'models', 'providers', 'keys', 'usage'];
  expect(['kyes', 'Chat', 'model', 'usgae', 'provider', 'srve'].map((word) => nearest(word, commands))).toEqual([
    'keys',
    'chat',
    'models',
    'usage',
    'providers',
    'serve',
  ]);
  expect(['deploy', 'x', ''].map((word) => nearest(word, commands))).toEqual([undefined, undefined, undefined]);
});

test('a model is found without its provider, or with a wrong one', () => {
  const ids = ['openai/gpt-5-mini', 'groq/llama-4', 'auto'];
  expect(didYouMeanModel('gpt-5-mini', ids)).toBe('Did you mean `openai/gpt-5-mini`?');
  expect(didYouMeanModel('opnai/gpt5-mini', ids)).toBe('Did you mean `openai/gpt-5-mini`?');
  expect(didYouMeanModel('mistral-large', ids)).toBeUndefined();
});
