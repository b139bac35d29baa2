import { expect, test } from 'bun:test';
import { createKeywordDetector } from './keywords.ts';
import { createPatternDetector } from './pattern.ts';

const found = (words: string[], text: string) =>
  createKeywordDetector(words)
    .find(text)
    .map(({ start, end }) => text.slice(start, end));

test('whole words in any case, and phrases over any white space', () => {
  expect(found(['cat', 'blue  whale'], 'Cat, concatenate, cats; CAT! a Blue\n whale, blue-whale')).toEqual([
    'Cat',
    'CAT',
    'Blue\n whale',
  ]);
});

test('letters beyond ASCII are letters', () => {
  expect(found(['straße', 'élan', 'дом'], 'Straße Hauptstraße ÉLAN élans Дом домой')).toEqual([
    'Straße',
    'ÉLAN',
    'Дом',
  ]);
});

test('scripts without spaces have no borders', () => {
  expect(found(['機密', 'ลับ'], '這是機密文件 เอกสารลับมาก')).toEqual(['機密', 'ลับ']);
});

test('the longest wins, and marks are part of a word list too', () => {
  expect(found(['new york', 'new york city', 'c++', '.net'], 'New York City, new yorker, C++ and .NET')).toEqual([
    'New York City',
    'C++',
    '.NET',
  ]);
});

test('letters whose small form has another length keep the offsets', () => {
  expect(found(['ıstanbul', 'city'], 'İİİ city İ CITY')).toEqual(['city', 'CITY']);
});

test('a pattern runs in linear time, and one that RE2 refuses is refused in words', () => {
  const evil = createPatternDetector('(a+)+$');
  expect(evil.find(`${'a'.repeat(20_000)}!`)).toEqual([]);
  expect(() => createPatternDetector('(?<!x)secret')).toThrow('no look-ahead and no look-behind');
  expect(() => createPatternDetector('(a)\\1')).toThrow('references back');
  expect(() => createPatternDetector('(unclosed')).toThrow('RE2 refuses the pattern "(unclosed"');
  expect(() => createPatternDetector('x?')).toThrow('matches the empty text');
  expect(() => createPatternDetector('((a{1,100}){1,100}){1,100}')).toThrow();
});
