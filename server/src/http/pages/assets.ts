import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { shippedPath } from '../../core/shipped.ts';

interface Asset {
  type: string;
  path: string;
  /** Kept compressed. RapiDoc 9.3.8 (MIT, licences beside it): its package would bring 128 others for one file. */
  gzip?: boolean;
}

const script = 'text/javascript; charset=utf-8';
const own = (file: string): string => shippedPath(`server/src/http/pages/assets/${file}`);

const assets: Record<string, () => Asset> = {
  'site.css': () => ({ type: 'text/css; charset=utf-8', path: own('site.css') }),
  'rapidoc.css': () => ({ type: 'text/css; charset=utf-8', path: own('rapidoc.css') }),
  'mark.svg': () => ({ type: 'image/svg+xml', path: own('mark.svg') }),
  'reference.js': () => ({ type: script, path: own('reference.js') }),
  'rapidoc-min.js': () => ({
    type: script,
    path: own('rapidoc-min.js.gz'),
    gzip: true,
  }),
};

/** What the pages load: a short list of files, each read once. */
export function createAssets() {
  const read = new Map<string, Promise<{ asset: Asset; bytes: Uint8Array<ArrayBuffer> }>>();
  async function load(name: string) {
    const asset = assets[name]!();
    return { asset, bytes: new Uint8Array(await readFile(asset.path)) };
  }
  return async function asset(name: string, request: Request): Promise<Response | undefined> {
    if (!Object.hasOwn(assets, name)) return undefined;
    const loading = read.get(name) ?? load(name);
    read.set(name, loading);
    const { asset, bytes } = await loading;
    const headers: Record<string, string> = {
      'content-type': asset.type,
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=3600',
    };
    if (!asset.gzip) return new Response(bytes, { headers });
    headers.vary = 'accept-encoding';
    if (!/\bgzip\b/.test(request.headers.get('accept-encoding') ?? ''))
      return new Response(gunzipSync(bytes), { headers });
    return new Response(bytes, { headers: { ...headers, 'content-encoding': 'gzip' } });
  };
}
