import { expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OpenAPIHono } from '@hono/zod-openapi';
import { mountPages } from './pages.ts';
import { lockedApp } from './test-app.ts';
import { version } from './version.ts';

const app = lockedApp();
const text = async (path: string, init?: RequestInit) => (await app.request(path, init)).text();
const policyOf = (response: Response) => response.headers.get('content-security-policy') ?? '';

test('the front page says that it runs, which version, and where the API is', async () => {
  const page = await text('http://gateway.example:8080/docs/start');
  expect(page).toContain(`version ${version}`);
  expect(page).toContain('http://gateway.example:8080/v1/chat/completions');
  expect(page).toContain('YOUR_KEY');
});

test('behind a proxy that ends TLS the addresses are https', async () => {
  const page = await text('http://gateway.example/docs/start', { headers: { 'x-forwarded-proto': 'https' } });
  expect(page).toContain('https://gateway.example/v1');
});

test('the example on the front page names a model that is there, and what it names is escaped', async () => {
  const own = new OpenAPIHono();
  mountPages(own, { exampleModel: () => '<b>/model' });
  expect(await (await own.request('/docs/start')).text()).toContain('&quot;model&quot;:&quot;&lt;b&gt;/model&quot;');
});

test('no page may load anything from another host, run inline scripts, or be framed', async () => {
  for (const path of ['/docs/start', '/docs', '/docs/errors', '/docs/no-such-page']) {
    const response = await app.request(path);
    const policy = policyOf(response);
    expect(policy).toStartWith("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.match(/script-src[^;]*/)?.[0] ?? "script-src 'self'").toBe("script-src 'self'");
    expect(policy).not.toContain('http');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const page = await response.text();
    expect(page).not.toMatch(/<script(?![^>]*\bsrc="\/docs\/assets\/)/);
    expect(page).not.toMatch(/(src|stylesheet" href)="(https?:)?\/\//);
    expect(page).not.toMatch(/\sstyle="/);
  }
});

test('everything that a page loads is there, with its own type', async () => {
  const pages = await Promise.all(['/docs/start', '/docs', '/docs/errors'].map((path) => text(path)));
  const loaded = new Set(
    pages.flatMap((page) => [...page.matchAll(/(?:src|href)="(\/docs\/assets\/[^"]+)"/g)].map(([, path]) => path!)),
  );
  expect(loaded.size).toBeGreaterThanOrEqual(4);
  for (const path of loaded) {
    const response = await app.request(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^(text\/(css|javascript)|image\/svg\+xml)/);
  }
});

test('the reference is sent compressed to those who can read it, and the same to those who cannot', async () => {
  const path = '/docs/assets/rapidoc-min.js';
  const packed = await app.request(path, { headers: { 'accept-encoding': 'gzip, br' } });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  const plain = await app.request(path);
  expect(plain.headers.get('content-encoding')).toBeNull();
  const unpacked = Bun.gunzipSync(new Uint8Array(await packed.arrayBuffer()));
  expect(Buffer.from(unpacked).equals(Buffer.from(await plain.arrayBuffer()))).toBe(true);
});

test('a page of the documentation has an anchor for every error that a problem may point to', async () => {
  const problem = (await (await app.request('/api/v1/keys')).json()) as { type: string };
  expect(problem.type).toBe('/docs/errors#missing_key');
  expect(await text('/docs/errors')).toContain('id="missing_key"');
});

test('a page that is not there, or lies outside the documentation, is a page that says so', async () => {
  for (const path of [
    '/docs/no-such-page',
    '/docs/..%2fREADME',
    '/docs/assets/..%2fpages.ts',
    '/docs/assets/nothing.js',
  ]) {
    const response = await app.request(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('html');
  }
  expect(await text('/docs/<script>alert(1)<%2fscript>')).not.toContain('<script>alert');
});

test('a server without its documentation still has its front page and its reference', async () => {
  const bare = new OpenAPIHono();
  mountPages(bare, { folder: '/nowhere/at/all' });
  expect((await bare.request('/')).status).toBe(200);
  expect((await bare.request('/docs')).status).toBe(200);
  expect((await bare.request('/docs/errors')).status).toBe(404);
});

test('the drawings of a page are served, and may load nothing', async () => {
  const page = await (await app.request('/docs/evals')).text();
  const [, source] = /<img src="([^"]+)"/.exec(page)!;
  const drawing = await app.request(source!);
  expect(drawing.status).toBe(200);
  expect(drawing.headers.get('content-type')).toBe('image/svg+xml');
  expect(drawing.headers.get('content-security-policy')).toStartWith("default-src 'none'");
  expect((await app.request('/docs/images/none.svg')).status).toBe(404);
});

/** What a build of the app leaves behind, as far as serving it goes. */
function builtApp(): OpenAPIHono {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-app-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>App</title>');
  writeFileSync(join(folder, 'assets/main-abc.js'), 'let a;');
  writeFileSync(join(folder, 'assets/main-abc.js.gz'), Bun.gzipSync(Buffer.from('let a;')));
  const own = new OpenAPIHono();
  mountPages(own, { app: folder });
  return own;
}

test('the app is one page under every path of its own, with a policy that lets nothing in from elsewhere', async () => {
  const own = builtApp();
  for (const path of ['/', '/c/conv_1', '/settings', '/settings/keys', '/admin/calls', '/share/x', '/sign-in']) {
    const response = await own.request(path);
    expect({ path, status: response.status, text: await response.text() }).toMatchObject({
      status: 200,
      text: '<!doctype html><title>App</title>',
    });
    const policy = policyOf(response);
    expect(policy).toStartWith("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(response.headers.get('cache-control')).toBe('no-cache');
  }
  expect((await own.request('/nothing')).status).toBe(404);
});

test('parts of the app are sent compressed to those who can read it, and kept for good', async () => {
  const own = builtApp();
  const packed = await own.request('/assets/main-abc.js', { headers: { 'accept-encoding': 'gzip, br' } });
  expect(packed.headers.get('content-encoding')).toBe('gzip');
  expect(packed.headers.get('cache-control')).toContain('immutable');
  const plain = await own.request('/assets/main-abc.js');
  expect(await plain.text()).toBe('let a;');
  for (const path of ['/assets/../../package.json', '/assets/%2e%2e/%2e%2e/package.json', '/assets/main-abc.js.gz'])
    expect((await own.request(path)).status).toBe(404);
});

test('frames for what a model made have an origin of their own and reach nothing', async () => {
  const own = builtApp();
  for (const path of ['/sandbox/page', '/sandbox/diagram']) {
    const policy = policyOf(await own.request(path));
    expect(policy).toStartWith("default-src 'none'");
    expect(policy).toContain('sandbox allow-scripts');
    expect(policy).not.toMatch(/connect-src|allow-same-origin|https:/);
  }
});
