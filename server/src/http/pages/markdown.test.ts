import { expect, test } from 'bun:test';
import { anchorOf, pageLink, renderMarkdown } from './markdown.ts';

const render = (markdown: string) =>
  renderMarkdown(markdown, { resolve: (href) => (href === 'gone.md' ? undefined : `/docs/${href}`) });

test('a heading has the anchor that GitHub gives it, and a second one of the same words a number', () => {
  expect(anchorOf('`rate_limited`')).toBe('rate_limited');
  expect(anchorOf("Options of every kind that speaks OpenAI's protocol")).toBe(
    'options-of-every-kind-that-speaks-openais-protocol',
  );
  const page = render('## Again\n\n## Again\n');
  expect(page).toContain('id="again"');
  expect(page).toContain('id="again-1"');
});

test('a link to a page leads to its address, one to a file that is not served is text', () => {
  expect(render('See [the errors](errors).')).toContain('See <a href="/docs/errors">the errors</a>.');
  expect(render('See [the source](gone.md).')).toContain('<p>See the source.</p>');
});

test('a picture that is served is shown, another is its words', () => {
  expect(render('![a "curve"](images/x.svg)')).toContain(
    '<img src="/docs/images/x.svg" alt="a &quot;curve&quot;" loading="lazy">',
  );
  expect(render('![a curve](gone.md)')).toBe('<p>a curve</p>\n');
});

test('code and links are escaped', () => {
  expect(render('`<script>`')).toContain('<code>&lt;script&gt;</code>');
  expect(render('[a](b"onclick=1)')).not.toContain('"onclick');
});

test('a table scrolls by itself', () => {
  expect(render('| a |\n|---|\n| b |\n')).toMatch(/<div class="table" tabindex="0"><table>[\s\S]*<\/table><\/div>/);
});

test('links between files become links between pages, whatever folder they stand in', () => {
  const exists = (path: string) => path === 'errors' || path === 'reference/headers';
  expect(pageLink('guides/first', '../errors.md#internal', exists)).toBe('/docs/errors#internal');
  expect(pageLink('reference/providers', 'headers.md', exists)).toBe('/docs/reference/headers');
  expect(pageLink('errors', '../LICENSE', exists)).toBeUndefined();
  expect(pageLink('errors', 'https://example.com/a', exists)).toBe('https://example.com/a');
  expect(pageLink('errors', '#internal', exists)).toBe('#internal');
});
