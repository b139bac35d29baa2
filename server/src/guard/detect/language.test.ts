import { expect, test } from 'bun:test';
import { languageSamples, wordless } from '../corpus/languages.ts';
import { judgeLanguage } from '../judge.ts';
import { detectLanguage } from './language.ts';

test('nine texts in ten are told right, and hardly any of the rest is taken for another language', () => {
  let right = 0;
  let all = 0;
  let refused = 0;
  const wrong: string[] = [];
  for (const [code, texts] of Object.entries(languageSamples)) {
    for (const text of texts) {
      all++;
      const found = detectLanguage(text);
      if (found?.code === code) right++;
      else if (found) wrong.push(`${code} taken for ${found.code}: ${text}`);
      if (judgeLanguage({ kind: 'language', allow: [code] }, text)) refused++;
    }
  }
  expect(all).toBe(150);
  console.log(
    `languages: ${right} of ${all} right, ${wrong.length} wrong, ${all - right - wrong.length} not told; ${refused} refused by a rule that allows them`,
  );
  expect(right / all).toBeGreaterThanOrEqual(0.9);
  expect(wrong.length / all).toBeLessThanOrEqual(0.05);
  expect(refused / all).toBeLessThanOrEqual(0.03);
});

test('what has no language is in none', () => {
  expect(wordless.filter((text) => (detectLanguage(text)?.confidence ?? 0) >= 0.2)).toEqual([]);
});

test('a rule allows a list or denies one, and lets through what cannot be told', () => {
  const german = 'Können Sie bitte prüfen, ob meine Bestellung angekommen ist?';
  expect(judgeLanguage({ kind: 'language', allow: ['en'] }, german)).toMatchObject({ label: 'language de' });
  expect(judgeLanguage({ kind: 'language', deny: ['de'] }, german)).toBeDefined();
  expect(judgeLanguage({ kind: 'language', allow: ['de', 'en'] }, german)).toBeUndefined();
  expect(judgeLanguage({ kind: 'language', allow: ['en'] }, 'AB-12')).toBeUndefined();
});
