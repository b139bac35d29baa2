import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { mark } from './mark.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

export interface Layout {
  title: string;
  description: string;
  /** A name for the body, which the style sheet knows. */
  kind: 'home' | 'guide' | 'reference';
  head?: Html;
  body: Html;
}

/** A whole page around its body. */
export const layout = ({ title, description, kind, head, body }: Layout): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<title>${title}</title>
<link rel="icon" href="/docs/assets/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/assets/site.css">
${head ?? ''}
</head>
<body class="${kind}">
<header class="top">
<a class="wordmark" href="/">${mark}Sluice</a>
<nav aria-label="Main"><a href="/docs">API</a><a href="/docs/guides/first-steps">Guides</a><a href="/docs/errors">Errors</a></nav>
</header>
${body}
</body>
</html>
`;
