/** The part of `marked` that is used here; the installed version brings no types of its own. */
declare module 'marked' {
  export interface Token {
    type: string;
    text: string;
    href?: string;
    depth?: number;
    tokens: Token[];
  }

  interface Rendering {
    parser: { parseInline(tokens: Token[]): string };
  }

  export interface ParseOptions {
    gfm?: boolean;
    headerIds?: boolean;
    mangle?: boolean;
    extensions?: { renderers: Record<string, (this: Rendering, token: Token) => string>; childTokens: object };
  }

  export function parse(markdown: string, options?: ParseOptions): string;
}
