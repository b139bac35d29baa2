import { expect, test } from 'bun:test';
import { countTokens, splitTokens } from './tokenizer.ts';

const texts = [
  '',
  ' ',
  'Hello, world!',
  '  two  spaces\n\n\tand a tab ',
  'antidisestablishmentarianism 1234567890 a1b2',
  'Grüße, naïve café — “quoted” …',
  '日本語のテキスト 한국어 Привет',
  'emoji 👩‍👩‍👧 and 🎉🎉 and a lone \ud83c half',
  '{"a":[1,2,{"b":"c"}]}',
];

test('the tokens joined are the text, and there are as many as were counted', () => {
  for (const text of texts) {
    const tokens = splitTokens(text);
    expect(tokens.join('')).toBe(text);
    expect(tokens).toHaveLength(countTokens(text));
    expect(tokens.every((token) => token.length > 0)).toBe(true);
  }
});

test('a word carries the space before it, and long words and numbers are cut', () => {
  expect(splitTokens('Hello big world')).toEqual(['Hello', ' big', ' world']);
  expect(splitTokens('understanding 12345')).toEqual(['understa', 'nding', ' ', '123', '45']);
  expect(splitTokens('日本 🎉')).toEqual(['日', '本', ' ', '🎉']);
});
