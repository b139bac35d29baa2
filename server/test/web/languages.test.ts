import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const source = join(import.meta.dirname, '../../../web/src');

/** Every sentence that the app shows, as it stands in the code: `t('…')`. */
function sentences(): Set<string> {
  const found = new Set<string>();
  for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(path)) continue;
    const text = readFileSync(join(source, path), 'utf8');
    for (const [, , sentence] of text.matchAll(/\bt\(\s*(['"])((?:\\.|(?!\1).)*)\1/g))
      found.add(sentence!.replaceAll("\\'", "'"));
  }
  return found;
}

const read = (language: string) =>
  JSON.parse(readFileSync(join(source, 'i18n', `${language}.json`), 'utf8')) as Record<string, string>;
const holes = (text: string): string[] => [...new Set(text.match(/\{\{\w+\}\}/g))].sort();

test.each(['de', 'es', 'fr', 'zh'])(
  '%s says every sentence of the app, with what is put into it, and no other',
  (language) => {
    const said = read(language);
    const wanted = sentences();
    expect(wanted.size).toBeGreaterThan(400);
    expect([...wanted].filter((sentence) => !said[sentence])).toEqual([]);
    expect(Object.keys(said).filter((sentence) => !wanted.has(sentence))).toEqual([]);
    for (const [sentence, translation] of Object.entries(said))
      expect([sentence, holes(translation)]).toEqual([sentence, holes(sentence)]);
  },
);

test('the singulars of English belong to sentences that there are', () => {
  const wanted = sentences();
  for (const key of Object.keys(read('en'))) expect(wanted.has(key.replace(/_one$/, ''))).toBe(true);
});
