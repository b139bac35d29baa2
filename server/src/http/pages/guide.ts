import { html, raw } from 'hono/html';
import { layout } from './layout.ts';
import type { GuidePage, Library } from './library.ts';
import { pageLink, renderMarkdown } from './markdown.ts';

/** The sections of the documentation, in the order of reading. Pages of other folders follow. */
const sections: [folder: string, name: string][] = [
  ['guides', 'Guides'],
  ['reference', 'Reference'],
  ['', 'How it works'],
  ['decisions', 'Decisions'],
];

/** A page of the documentation, beside the list of all of them. */
export function guidePage(page: GuidePage, library: Library) {
  const exists = (path: string) => library.find(path) !== undefined || library.drawing(path) !== undefined;
  const content = renderMarkdown(page.markdown, { resolve: (href) => pageLink(page.path, href, exists) });
  return framed(page.title, library, page.path, html`<article>${raw(content)}</article>`);
}

export const missingPage = (path: string, library: Library) =>
  framed(
    'No such page',
    library,
    '',
    html`<article><h1>No such page</h1><p>There is no page <code>${path}</code> here. The list has all there are.</p></article>`,
  );

function framed(title: string, library: Library, current: string, content: ReturnType<typeof html>) {
  const body = html`<div class="columns">
<details class="contents"><summary>All pages</summary>${contents(library, current)}</details>
<aside class="contents">${contents(library, current)}</aside>
<main>${content}</main>
</div>`;
  return layout({ title: `${title} · Sluice`, description: title, kind: 'guide', body });
}

function contents({ pages }: Library, current: string) {
  const known = sections.map(([folder]) => folder);
  const others = [...new Set(pages.map(({ section }) => section))].filter((section) => !known.includes(section));
  const all = [...sections, ...others.map((folder): [string, string] => [folder, folder])];
  return html`<nav aria-label="Documentation">
<h2>API</h2><ul><li><a href="/docs">Routes</a></li></ul>
${all.map(([folder, name]) => {
  const inside = pages.filter(({ section }) => section === folder);
  if (inside.length === 0) return '';
  return html`<h2>${name}</h2><ul>${inside.map(({ path, title }) => html`<li><a href="/docs/${path}"${path === current ? raw(' aria-current="page"') : ''}>${title}</a></li>`)}</ul>`;
})}
</nav>`;
}
