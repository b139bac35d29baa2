import type { Span, SpanDetector } from '../span.ts';
import { windowLength } from '../span.ts';

// Each pattern stops where another could begin, so that no text is read twice from many beginnings.
const inline = /!\[[^\][\n]{0,200}\]\(\s{0,9}<?(https?:\/\/[^\s)<>[\]]{4,2000})>?(?:\s[^)[\n]{0,200})?\)/gi;
const html = /<img\b[^<>]{0,400}?\bsrc\s{0,9}=\s{0,9}["']?(https?:\/\/[^\s"'<>]{4,2000})(?:["'\s][^<>]{0,400})?>/gi;
const reference = /^[ ]{0,3}\[[^\]\n]{1,100}\]:\s*<?(https?:\/\/[^\s>]{4,2000})>?/gim;
const open =
  /(?:!(?:\[[^\]\n]*(?:\](?:\([^)\n]*)?)?)?|<(?:i(?:m(?:g[^>]*)?)?)?|(?<=(?:^|\n) {0,3})\[[^\]\n]*(?:\](?::\s*\S*)?)?)$/iy;
const mostLooks = 40;

/** Pictures in markdown or HTML whose address carries data away when it is shown: a query, or a long random-looking path. */
export function createImageLinkDetector(allowHosts: readonly string[] = []): SpanDetector {
  const allowed = allowHosts.map((host) => host.toLowerCase());
  return {
    window: windowLength * 8,
    find(text, from = 0) {
      if (!text.includes('http')) return [];
      const spans: Span[] = [];
      for (const pattern of [inline, html, reference]) {
        for (const { index, 0: all, 1: address } of text.matchAll(pattern)) {
          const end = index + all.length;
          if (end > from && carriesData(address!, allowed)) spans.push({ start: index, end, label: 'IMAGE' });
        }
      }
      return spans.sort((a, b) => a.start - b.start);
    },
    openFrom(text) {
      const start = Math.max(0, text.length - windowLength * 8);
      let looks = 0;
      for (const { index } of text.slice(start).matchAll(/[!<[]/g)) {
        // So many beginnings are no prose: the first of them is as good as any to wait for.
        if (++looks > mostLooks) return start + index;
        open.lastIndex = start + index;
        if (open.test(text)) return start + index;
      }
      return text.length;
    },
  };
}

function carriesData(address: string, allowed: readonly string[]): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname, search, pathname } = new URL(address);
  const host = hostname.toLowerCase();
  if (allowed.some((each) => host === each || host.endsWith(`.${each}`))) return false;
  // A size or a version is no data: ?w=200&v=3.
  const carried = search.replace(/[?&](?:w|h|width|height|size|s|v|q|fit|dpr|format|auto)=[\w.]{0,8}/gi, '');
  return carried.length > 1 || /\/[A-Za-z0-9+=_%-]{48,}(?:\/|$|\.)/.test(pathname);
}
