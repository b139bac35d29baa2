import { expect, test } from 'bun:test';
import { readAnnotation, writeAnnotation } from './citations.ts';

const text = '🌊🌊 the tide';
const annotation = {
  type: 'url_citation',
  url_citation: { start_index: 3, end_index: 11, title: 'Tides', url: 'https://tides.example', content: 'High.' },
};

test('offsets are code points at OpenAI and UTF-16 units here, so both cut out the same words', () => {
  const citation = readAnnotation(annotation, text)!;
  expect(text.slice(citation.start, citation.end)).toBe('the tide');
  expect(citation).toMatchObject({ title: 'Tides', url: 'https://tides.example', quote: 'High.' });
  const { native: _, ...foreign } = citation;
  expect(writeAnnotation(foreign, text)).toEqual(annotation);
});

test("this wire's own annotation goes back whole", () => {
  const own = { ...annotation, extra: true };
  expect(writeAnnotation(readAnnotation(own, text)!, text)).toBe(own);
});

test('other annotations, and citations without an address, have no counterpart', () => {
  expect(readAnnotation({ type: 'file', file: {} }, text)).toBeUndefined();
  expect(readAnnotation(null, text)).toBeUndefined();
  expect(writeAnnotation({ title: 'A book' }, text)).toBeUndefined();
});
