import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext } from 'playwright-core';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { ada, type LoginGateway, loginGateway } from '../support/login.ts';

setDefaultTimeout(60_000);

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const inside = [
  '/',
  '/prompts',
  '/settings',
  '/settings/security',
  '/settings/keys',
  '/settings/usage',
  '/settings/data',
  '/admin',
  '/admin/calls',
  '/admin/models',
  '/admin/routing',
  '/admin/providers',
  '/admin/people',
  '/admin/teams',
  '/admin/plans',
  '/admin/guardrails',
  '/admin/keys',
  '/admin/budgets',
  '/admin/limits',
  '/admin/cache',
  '/admin/audit',
  '/admin/settings',
];
const outside = ['/sign-in', '/reset-password', '/invitation?token=none', '/share/none'];

interface Violation {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary: string }[];
}

describe.skipIf(!hasChromium)('pages for everybody', () => {
  let gateway: LoginGateway;
  let browser: Browser;
  const pages: string[] = [];

  beforeAll(async () => {
    gateway = await loginGateway();
    browser = await launchChromium();
    const visitor = await gateway.loggedIn(ada.email);
    const asked = await visitor.post('/api/v1/chat', {
      message: 'Hello\n\n- a list\n- of two',
      model: 'sandbox/sandbox-large',
      stream: false,
    });
    const { conversationId } = (await asked.json()) as { conversationId: string };
    const made = await visitor.post('/api/v1/folders', { name: 'River', kind: 'project' });
    const { id } = (await made.json()) as { id: string };
    pages.push(`/c/${conversationId}`, `/folders/${id}`);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  async function violationsOf(context: BrowserContext, paths: string[]): Promise<object[]> {
    const found: object[] = [];
    const page = await context.newPage();
    for (const path of paths) {
      await page.goto(gateway.url + path);
      // A chat has no heading: its messages stand for one.
      await page.waitForFunction(
        () =>
          document.querySelector('h1, h2, [role="log"]') !== null &&
          document.querySelector('[role="status"][aria-busy="true"]') === null,
      );
      // The policy lets no script in by a tag: what is evaluated comes by the debugger.
      await page.evaluate(axe);
      const violations = (await page.evaluate(
        `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
      )) as Violation[];
      for (const { id, impact, nodes } of violations) {
        if (impact !== 'serious' && impact !== 'critical') continue;
        found.push({ path, id, where: nodes.slice(0, 2).map(({ html }) => html.slice(0, 160)) });
      }
      const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      if ((wide as number) > 0) found.push({ path, id: 'scrolls sideways', where: wide });
    }
    await page.close();
    return found;
  }

  const looks = [
    ['light', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
    ['dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
    ['phone, light', { viewport: { width: 390, height: 844 }, colorScheme: 'light', isMobile: true, hasTouch: true }],
  ] as const;

  test.each(looks)('no serious violation on any page: %s', async (_name, options) => {
    const stranger = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    const found = await violationsOf(stranger, outside);
    await stranger.close();
    const context = await browser.newContext({ ...options, reducedMotion: 'reduce' });
    const visitor = await gateway.loggedIn(ada.email);
    await context.addCookies([...visitor.jar].map(([name, value]) => ({ name, value, url: gateway.url })));
    found.push(...(await violationsOf(context, [...inside, ...pages])));
    await context.close();
    expect(found).toEqual([]);
  });
});
