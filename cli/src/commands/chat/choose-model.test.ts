import { expect, test } from 'bun:test';
import { chooseModel } from './choose-model.ts';

const ids = ['auto', 'openai/gpt-5', 'openai/gpt-5-mini', 'groq/llama-4'];
const choose = (wanted?: string) => chooseModel(wanted, 'auto', ids);

test('a name is taken, whether or not it is a part of others', () => {
  expect(choose('openai/gpt-5').model).toBe('openai/gpt-5');
});

test('a part of a name is enough when only one has it', () => {
  expect(choose('llama').model).toBe('groq/llama-4');
  expect(choose('gpt')).toEqual({ model: 'auto', told: 'Which one? openai/gpt-5, openai/gpt-5-mini' });
});

test('a full name that is not listed is believed, another one is corrected', () => {
  expect(choose('groq/new-model').model).toBe('groq/new-model');
  expect(choose('lamma-4')).toEqual({ model: 'auto', told: 'There is no model lamma-4. Did you mean `groq/llama-4`?' });
});

test('without a name, it says who answers', () => {
  expect(choose().told).toBe('auto answers. Others: openai/gpt-5, openai/gpt-5-mini, groq/llama-4.');
});
