import { Marked } from 'marked';

export interface MarkdownDeps {
  /** Where a link of the page leads on this server; undefined for a file that is not served, whose text then stays alone. */
  resolve(href: string): string | undefined;
}

/** Markdown of ours to HTML: headings can be linked to by the anchors that GitHub would give them. */
export function renderMarkdown(markdown: string, { resolve }: MarkdownDeps): string {
  const anchors = new Map<string, number>();
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ depth, text, tokens }) {
        const anchor = unique(anchors, anchorOf(text));
        const inner = this.parser.parseInline(tokens);
        const label = depth === 1 ? inner : `<a class="anchor" href="#${anchor}">${inner}</a>`;
        return `<h${depth} id="${anchor}">${label}</h${depth}>\n`;
      },
      image({ href, text }) {
        const target = resolve(href);
        const alternative = escapeAttribute(text);
        return target === undefined
          ? alternative
          : `<img src="${escapeAttribute(target)}" alt="${alternative}" loading="lazy">`;
      },
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        const target = resolve(href);
        return target === undefined ? inner : `<a href="${escapeAttribute(target)}">${inner}</a>`;
      },
    },
  });
  const rendered = marked.parse(markdown, { async: false });
  // A table is the one thing of a page that may be wider than a phone: it scrolls by itself.
  return rendered
    .replaceAll('<table>', '<div class="table" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>');
}

/** GitHub's anchor of a heading: lower case, spaces to dashes, of other marks only `-` and `_`. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

function unique(anchors: Map<string, number>, anchor: string): string {
  const seen = anchors.get(anchor) ?? 0;
  anchors.set(anchor, seen + 1);
  return seen === 0 ? anchor : `${anchor}-${seen}`;
}

const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** Where a link between files of `docs` leads as a page, given the page it stands on; undefined when no page is there. */
export function pageLink(from: string, href: string, exists: (path: string) => boolean): string | undefined {
  if (/^(https?:|mailto:|#)/.test(href) || href.startsWith('/')) return href;
  const { pathname, hash } = new URL(href, `file:///${from}`);
  const path = decodeURIComponent(pathname).slice(1).replace(/\.md$/, '');
  return exists(path) ? `/docs/${path}${hash}` : undefined;
}
