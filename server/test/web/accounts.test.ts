import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { hasChromium, launchChromium, watchPage } from '../support/chromium.ts';
import { ada, type LoginGateway, loginGateway } from '../support/login.ts';
import { totp } from '../support/totp.ts';

setDefaultTimeout(60_000);

describe.skipIf(!hasChromium)('accounts in Chromium', () => {
  let gateway: LoginGateway;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    gateway = await loginGateway();
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(10_000);
    page = await context.newPage();
    faults = watchPage(page, gateway.url);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const inside = () => page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
  async function signIn(): Promise<void> {
    await page.getByLabel('Email').fill(ada.email);
    await page.getByLabel('Password').fill(ada.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  async function signOut(): Promise<void> {
    await context.clearCookies();
    await page.goto(`${gateway.url}/sign-in`);
  }

  test('a wrong password is told, and the right one leads back to where one wanted to be', async () => {
    await page.goto(`${gateway.url}/settings/security`);
    await page.waitForURL('**/sign-in?**');
    await page.getByLabel('Email').fill(ada.email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').first().waitFor();
    await signIn();
    await page.waitForURL('**/settings/security');
  });

  test('a passkey is made, and is enough to come in with', async () => {
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    // A relying party is a name and not an address.
    const named = gateway.url.replace('127.0.0.1', 'localhost');
    await page.goto(`${named}/settings/security`);
    await page.waitForURL('**/sign-in?**');
    await signIn();
    await page.waitForURL('**/settings/security');
    await page.getByLabel('Name').fill('this machine');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('this machine').waitFor();
    await context.clearCookies();
    await page.goto(`${named}/sign-in`);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await inside();
    await devtools.detach();
  });

  test('a second factor is set up by its picture or key, and asked for from then on', async () => {
    await signOut();
    await signIn();
    await inside();
    await page.goto(`${gateway.url}/settings/security`);
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Set up' }) });
    await form.getByLabel('Password').fill(ada.password);
    await form.getByRole('button', { name: 'Set up' }).click();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    const secret = await page
      .locator('code')
      .filter({ hasText: /^[A-Z2-7]+=*$/ })
      .first()
      .innerText();
    const backup = (await page.locator('pre').first().innerText()).split('\n')[0]!;
    await page.getByLabel('Code of the app').fill(totp(secret));
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page.getByRole('button', { name: 'Turn off' }).waitFor();
    await signOut();
    await signIn();
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').first().waitFor();
    await page.getByRole('button', { name: 'Use a backup code' }).click();
    await page.getByLabel('Backup code').fill(backup);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await inside();
  });

  test('an invited person joins, sees no administration that is not theirs, and can leave with their data', async () => {
    const invited = await gateway.fetch('/api/v1/invitations', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'bea@example.com', role: 'member' }),
    });
    const { token } = (await invited.json()) as { token: string };
    const other = await browser.newContext({ viewport: { width: 390, height: 844 } });
    other.setDefaultTimeout(10_000);
    const phone = await other.newPage();
    await phone.goto(`${gateway.url}/invitation?token=${token}`);
    await phone.getByLabel('Name').fill('Bea');
    await phone.getByLabel('Password').fill('another long password');
    await phone.getByRole('button', { name: /^(Join|Make the account)$/ }).click();
    await phone.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
    await phone.goto(`${gateway.url}/admin/providers`);
    await phone
      .getByText(/may not|not allowed|operator|permission/i)
      .first()
      .waitFor();
    await phone.goto(`${gateway.url}/settings/data`);
    await phone.getByRole('heading').first().waitFor();
    await other.close();
  });

  test('no page failed, broke its policy or asked another host on the way', () => {
    expect(faults.filter((fault) => !fault.includes('://localhost:'))).toEqual([]);
  });
});
