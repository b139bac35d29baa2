import type { HtmlEscapedString } from 'hono/utils/html';

/** What a page may load beside its own style sheet, as sources of the Content-Security-Policy. */
export interface PagePolicy {
  scripts?: boolean;
  /** The reference is a web component that sets `style` on what it draws, and asks this server for the document. */
  reference?: boolean;
}

/** Headers of every page: nothing from another host, no inline script, no frame. */
export function pageHeaders({ scripts = false, reference = false }: PagePolicy = {}): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src 'self'${reference ? " 'unsafe-inline'" : ''}`,
    "img-src 'self' data:",
    ...(scripts || reference ? ["script-src 'self'"] : []),
    ...(reference ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'no-cache',
  };
}

export async function pageResponse(
  page: HtmlEscapedString | Promise<HtmlEscapedString>,
  policy?: PagePolicy,
  status = 200,
): Promise<Response> {
  return new Response(String(await page), { status, headers: pageHeaders(policy) });
}

/** A drawing by itself: it may style itself and load nothing. */
export const drawingResponse = (svg: string): Response =>
  new Response(svg, {
    headers: {
      'content-type': 'image/svg+xml',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    },
  });
