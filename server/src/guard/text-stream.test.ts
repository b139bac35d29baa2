import { describe, expect, test } from 'bun:test';
import { createAnswerEditor } from './answer-editor.ts';
import { cleanTexts } from './corpus/clean-texts.ts';
import { piiSamples } from './corpus/pii.ts';
import { entropySamples, secretSamples } from './corpus/secrets.ts';
import { windowLength } from './span.ts';
import { rule, streamed } from './testing.ts';
import { editWhole } from './text-editor.ts';

const every = [
  rule({ check: { kind: 'secrets' } }),
  rule({ check: { kind: 'pii', detect: ['email', 'phone', 'card', 'iban', 'national-id', 'ip'] } }),
  rule({ check: { kind: 'keywords', words: ['project falcon', 'Straße', '機密', 'résumé'] } }),
  rule({ check: { kind: 'regex', patterns: ['EMP-\\d{6}\\b', 'case (?:no\\. )?[A-Z]{2}\\d+'], ignoreCase: true } }),
  rule({ check: { kind: 'image-links' } }),
];
const editorOf = (rules = every) => createAnswerEditor(rules, () => {});
const whole = (text: string, rules = every) => editWhole(editorOf(rules), text, 'text') ?? text;

const own = [
  'The project  Falcon starts; projects falconry does not. PROJECT\nFALCON again.',
  'In der STRASSE? Nein: Straße, straßen nicht, auf der straße ja.',
  '這是機密文件，非常機密。',
  'His résumé and the Résumés of others.',
  'EMP-123456 and emp-654321, not EMP-12345 or EMP-1234567.',
  'See case AB12 and Case no. CD345: closed.',
  'Look ![chart](https://evil.example/p.png?d=c2VjcmV0LXZhbHVl) here, and ![logo](https://cdn.example/logo.png).',
];
const texts = [
  ...Object.values(piiSamples).flatMap((samples) => samples.map(({ text }) => text)),
  ...secretSamples.map(({ text }) => text),
  ...cleanTexts,
  ...own,
];

describe('a text gives the same however it is cut', () => {
  test('in two at every place', () => {
    const wrong: unknown[] = [];
    let changed = 0;
    for (const text of texts) {
      const expected = whole(text);
      if (expected !== text) changed++;
      for (let at = 1; at < text.length; at++) {
        const { text: told } = streamed(editorOf(), [text.slice(0, at), text.slice(at)]);
        if (told !== expected)
          wrong.push({ cut: `${text.slice(0, at)}|${text.slice(at)}`.slice(0, 200), told: told.slice(0, 200) });
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(changed).toBeGreaterThan(100);
  });

  test('in pieces of every length from one character to seven', () => {
    const wrong: unknown[] = [];
    for (const text of texts) {
      const expected = whole(text);
      for (let length = 1; length <= 7; length++) {
        const pieces = text.match(new RegExp(`[\\s\\S]{1,${length}}`, 'g')) ?? [];
        const { text: told } = streamed(editorOf(), pieces);
        if (told !== expected)
          wrong.push({ length, text: text.slice(0, 150), told: told.slice(0, 150), expected: expected.slice(0, 150) });
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  test('with the option for random strings as well', () => {
    const rules = [rule({ check: { kind: 'secrets', entropy: true } })];
    const wrong: string[] = [];
    for (const { text } of [...entropySamples, ...secretSamples]) {
      const expected = whole(text, rules);
      expect(expected).not.toBe(text);
      for (let at = 1; at < text.length; at++)
        if (streamed(editorOf(rules), [text.slice(0, at), text.slice(at)]).text !== expected)
          wrong.push(`${text.slice(0, at)}|${text.slice(at)}`);
    }
    expect(wrong).toEqual([]);
  });
});

test('nothing waits for a rule that cannot match yet', () => {
  const cards = editorOf([rule({ check: { kind: 'pii', detect: ['card', 'iban', 'phone'] } })]);
  const prose = ['The ', 'quick ', 'brown ', 'fox ', 'jumps, ', 'over ', 'lazy ', 'dogs. '];
  let sent = 0;
  const { settledAfter } = streamed(cards, prose);
  expect(settledAfter).toEqual(prose.map((piece) => (sent += piece.length)));
});

test('a number waits until it is decided, and no longer', () => {
  const cards = editorOf([rule({ check: { kind: 'pii', detect: ['card'] } })]);
  const pieces = ['Pay ', '4111', ' 1111', ' 11', '11 1', '111', ', thanks'];
  const { settledAfter, text } = streamed(cards, pieces);
  expect(settledAfter).toEqual([4, 4, 4, 4, 4, 4, 31]);
  expect(text).toBe('Pay [CARD], thanks');
});

test('no more than the window is ever held back', () => {
  const hungry = editorOf([rule({ check: { kind: 'regex', patterns: ['a[^!]*!'] } })]);
  const pieces = Array.from({ length: 500 }, () => 'abcdefghij');
  const { settledAfter, text } = streamed(hungry, pieces);
  settledAfter.forEach((settled, index) => {
    expect((index + 1) * 10 - settled).toBeLessThanOrEqual(windowLength);
  });
  expect(text).toBe(pieces.join(''));
});

test('a token that is longer than the window goes as a whole, whatever comes after it', () => {
  const rules = [rule({ check: { kind: 'secrets' } })];
  const long = `sk-ant-api03-${'aB3_'.repeat(400)}`;
  const pieces = `key ${long} end`.match(/[\s\S]{1,9}/g) ?? [];
  expect(streamed(editorOf(rules), pieces).text).toBe('key [SECRET] end');
});

test('a number in arguments is replaced so that they stay JSON', () => {
  const json =
    '{"card":4111111111111111,"note":"card \\"4111111111111111\\"\\n4111111111111111, a","n":[5555555555554444]}';
  const expected = '{"card":"[CARD]","note":"card \\"[CARD]\\"\\n[CARD], a","n":["[CARD]"]}';
  const rules = [rule({ check: { kind: 'pii', detect: ['card'] } })];
  expect(editWhole(editorOf(rules), json, 'arguments')).toBe(expected);
  for (let at = 1; at < json.length; at++)
    expect(streamed(editorOf(rules), [json.slice(0, at), json.slice(at)], 'arguments').text).toBe(expected);
});
