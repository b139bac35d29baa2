import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
};

/**
 * The policy of the app's page: nothing from another host, no inline script, no inline style sheet (the app sets styles through
 * the object model, which is allowed), frames only of this server.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob: https:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "frame-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

interface AppFile {
  path: string;
  type: string;
  /** Sizes of what lies beside it compressed. */
  encodings: ('br' | 'gzip')[];
}

const suffix = { br: '.br', gzip: '.gz' } as const;

/** The built web app in `folder`; undefined when it is not built. Files are found once; only those that are there are ever served. */
export function openAppFiles(folder: string) {
  if (!existsSync(join(folder, 'index.html'))) return undefined;
  const files = new Map<string, AppFile>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const full = join(folder, path);
    if (!statSync(full).isFile() || /\.(br|gz)$/.test(path)) continue;
    const encodings = (['br', 'gzip'] as const).filter((encoding) => existsSync(full + suffix[encoding]));
    files.set(`/${path.replaceAll('\\', '/')}`, {
      path: full,
      type: types[extname(path)] ?? 'application/octet-stream',
      encodings,
    });
  }

  function respond(name: string, request: Request): Response | undefined {
    const file = files.get(name);
    if (!file) return undefined;
    const accepted = request.headers.get('accept-encoding') ?? '';
    const encoding = file.encodings.find((each) => new RegExp(`\\b${each}\\b`).test(accepted));
    const headers: Record<string, string> = {
      'content-type': file.type,
      'x-content-type-options': 'nosniff',
      // Names of built parts hold their content's hash.
      'cache-control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(file.encodings.length > 0 && { vary: 'accept-encoding' }),
      ...(encoding && { 'content-encoding': encoding }),
    };
    if (name === '/index.html') {
      headers['content-security-policy'] = policy;
      headers['referrer-policy'] = 'no-referrer';
      headers['cross-origin-opener-policy'] = 'same-origin';
      headers['permissions-policy'] = 'camera=(), geolocation=(), payment=(), microphone=(self)';
    }
    return new Response(readFileSync(file.path + (encoding ? suffix[encoding] : '')), { headers });
  }

  return {
    /** The page that is the whole app. */
    page: (request: Request): Response => respond('/index.html', request)!,
    /** A file by its path; undefined when there is none. */
    file: respond,
    names: (): string[] => [...files.keys()],
  };
}

export type AppFiles = NonNullable<ReturnType<typeof openAppFiles>>;
