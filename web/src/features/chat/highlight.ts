import type { CSSProperties } from 'react';
import { createHighlighterCore, type HighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import { bundledLanguages, bundledLanguagesAlias } from 'shiki/langs';

export interface Colouring {
  code: string;
  lines: { content: string; style: CSSProperties }[][];
}

let opened: Promise<HighlighterCore> | undefined;

// The JavaScript engine needs no WebAssembly, which the page's policy does not allow.
const open = () => {
  opened ??= createHighlighterCore({
    themes: [
      import('shiki/themes/github-light-high-contrast.mjs'),
      import('shiki/themes/github-dark-high-contrast.mjs'),
    ],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  return opened;
};

/** The colours of code; undefined for a language that is not known. The languages come as they are needed. */
export async function highlight(code: string, language: string): Promise<Colouring | undefined> {
  const name = language.toLowerCase();
  const load = { ...bundledLanguages, ...bundledLanguagesAlias }[name as keyof typeof bundledLanguages];
  if (!load) return undefined;
  const highlighter = await open();
  if (!highlighter.getLoadedLanguages().includes(name)) await highlighter.loadLanguage(load);
  const { tokens } = highlighter.codeToTokens(code, {
    lang: name,
    themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    defaultColor: false,
  });
  return {
    code,
    lines: tokens.map((line) => line.map(({ content, htmlStyle }) => ({ content, style: htmlStyle as CSSProperties }))),
  };
}
