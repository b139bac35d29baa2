import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { hasChromium, launchChromium, watchPage } from '../support/chromium.ts';
import { ada, type LoginGateway, loginGateway } from '../support/login.ts';

setDefaultTimeout(60_000);

describe.skipIf(!hasChromium)('the web app in Chromium', () => {
  let gateway: LoginGateway;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    gateway = await loginGateway({
      setUp: false,
      config: {
        providers: { sandbox: { kind: 'sandbox' }, slow: { kind: 'sandbox', options: { chunkDelayMs: 12 } } },
        cache: { exact: { enabled: false } },
      },
    });
    browser = await launchChromium();
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['clipboard-write'] });
    context.setDefaultTimeout(10_000);
    page = await context.newPage();
    faults = watchPage(page, gateway.url);
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const message = () => page.getByRole('textbox', { name: 'Message', exact: true });
  const lastAnswer = () => page.getByRole('log').locator('article[aria-busy]').last();
  const settled = () => page.waitForFunction(() => !document.querySelector('article[aria-busy="true"]'));
  /** Waits for something; when it does not come, the error says what the page shows instead. */
  async function seen(what: Locator): Promise<void> {
    await what.waitFor().catch(async (cause) => {
      throw new Error(`${page.url()} shows: ${await page.locator('body').innerText()}`, { cause });
    });
  }
  async function say(text: string): Promise<void> {
    await message().fill(text);
    await message().press('Enter');
  }
  async function chooseModel(name: string): Promise<void> {
    await page.getByRole('button', { name: /^Model: / }).click();
    await page.getByRole('combobox', { name: 'Search models…' }).fill(name);
    await page.getByRole('combobox', { name: 'Search models…' }).press('Enter');
  }
  async function put(path: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    expect((await gateway.fetch(path, { method: 'PUT', headers, body: JSON.stringify(body) })).status).toBe(200);
  }
  /** What the platform's API shows of one of a list. */
  async function listed(path: string, id: string): Promise<Record<string, unknown>> {
    const { data } = (await (await gateway.fetch(path)).json()) as { data: Record<string, unknown>[] };
    return data.find((each) => each.id === id)!;
  }
  async function newChat(): Promise<void> {
    await page.goto(`${gateway.url}/`);
    await message().waitFor();
  }

  test('the first person makes the account with the token of the console, and is in', async () => {
    await page.goto(gateway.url);
    await page.waitForURL('**/setup');
    await page.getByLabel('Setup token').fill(gateway.setupToken);
    await page.getByLabel('Name').fill(ada.name);
    await page.getByLabel('Email').fill(ada.email);
    await page.getByLabel('Password').fill(ada.password);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: 'What is on your mind, Ada?' }).waitFor();
  });

  test('a question is answered with its model, its cost and the running total, and has a title in the sidebar', async () => {
    await say('Explain what a lock on a canal does.');
    await page.waitForURL('**/c/conv_*');
    await settled();
    await seen(lastAnswer().getByText('[sandbox').first());
    await lastAnswer()
      .getByText(/^\$0\.\d+/)
      .waitFor();
    await page
      .getByTestId('total')
      .getByText(/\$0\.\d+ so far/)
      .waitFor();
    await page.getByRole('link', { name: /Explain what a lock on a canal does/ }).waitFor();
  });

  test('a reload in the middle of an answer reads on, another tab sees the same, and Stop ends it for both', async () => {
    await newChat();
    await chooseModel('slow/sandbox-large');
    await say('Write a very long essay about the sea, in forty paragraphs.');
    await page.waitForURL('**/c/conv_*');
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    const before = (await lastAnswer().innerText()).length;
    await page.waitForFunction(
      (length) => (document.querySelector('article[aria-busy="true"]')?.textContent?.length ?? 0) > length + 20,
      before,
    );
    const other = await context.newPage();
    await other.goto(page.url());
    await other.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('You stopped this answer.').waitFor();
    await other.getByText('You stopped this answer.').waitFor();
    await other.close();
  });

  test('another answer and an edited question are branches, and the arrows go between them', async () => {
    await newChat();
    await chooseModel('sandbox/sandbox-small');
    await say('What is a weir?');
    await page.waitForURL('**/c/conv_*');
    await settled();
    await page.getByRole('button', { name: 'Another answer' }).click();
    await page.getByText('2/2').waitFor();
    await settled();
    await page.getByRole('article', { name: 'You' }).hover();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('textbox', { name: 'Edit your message' }).fill('What is a dam?');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.getByText('What is a dam?').first().waitFor();
    await settled();
    await page.getByRole('button', { name: 'Branch before' }).first().click();
    await page.getByRole('article', { name: 'You' }).getByText('What is a weir?').waitFor();
    await page.reload();
    await page.getByRole('article', { name: 'You' }).getByText('What is a weir?').waitFor();
  });

  test('two models answer side by side, and the chat goes on with the one that is chosen', async () => {
    await newChat();
    await page.getByRole('button', { name: 'Compare models side by side' }).click();
    for (const name of ['sandbox/sandbox-small', 'sandbox/sandbox-large']) {
      await page.getByRole('button', { name: 'Add a model' }).click();
      await page.getByRole('combobox', { name: 'Search models…' }).fill(name);
      await page.getByRole('combobox', { name: 'Search models…' }).press('Enter');
    }
    await say('Compare rivers and canals.');
    await page.waitForURL('**/c/conv_*');
    await settled();
    const columns = page.getByRole('button', { name: /^Go(es)? on (here|with this)$/ });
    await page.waitForFunction(() => document.querySelectorAll('[role="log"] section').length === 3);
    expect(await columns.count()).toBe(3);
    await page.getByRole('button', { name: 'Go on with this' }).first().click();
    await page.waitForFunction(() => document.querySelectorAll('button[aria-pressed="true"]').length > 0);
    await page.getByRole('button', { name: 'Stop comparing' }).click();
    await say('And a third thing?');
    await page.getByRole('article', { name: 'You' }).getByText('And a third thing?').waitFor();
    await settled();
  });

  test('a text file is attached, sent along, and shown with the message', async () => {
    await newChat();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'levels.csv', mimeType: 'text/csv', buffer: Buffer.from('day,level\n1,2.5\n') });
    await page.getByText('levels.csv').waitFor();
    await say('What stands in this file?');
    await page.waitForURL('**/c/conv_*');
    await settled();
    await page.getByRole('link', { name: 'levels.csv' }).waitFor();
    const [row] = (await gateway.ledger()).slice(-1);
    expect(row!.input).toBeGreaterThan(15);
  });

  test('words of an old chat are found by the palette', async () => {
    await newChat();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search chats, or what to do…' }).fill('lock on a canal');
    await page.getByRole('option', { name: /Explain what a lock/ }).click();
    await page.waitForURL('**/c/conv_*');
    await page.getByRole('article', { name: 'You' }).getByText('Explain what a lock on a canal does.').waitFor();
  });

  test('a link shows the chat to somebody who is not logged in, until it is revoked', async () => {
    await page.getByRole('button', { name: 'Chat menu' }).click();
    await page.getByRole('menuitem', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    const stranger = await browser.newContext();
    const seen = await stranger.newPage();
    await seen.goto(link);
    await seen.getByText('Explain what a lock on a canal does.').first().waitFor();
    expect(await seen.content()).not.toContain('ada@example.com');
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke' }).waitFor({ state: 'detached' });
    await seen.reload();
    await seen.getByText(/leads nowhere/).waitFor();
    await stranger.close();
    await page.keyboard.press('Escape');
  });

  test('an administrator makes a key that works, and a budget that stops the chat', async () => {
    await page.goto(`${gateway.url}/admin/keys`);
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByLabel('Name').fill('notebook');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.getByRole('textbox', { name: 'Key' }).inputValue();
    const answer = await gateway.chat('openai-chat', {
      model: 'sandbox/sandbox-small',
      headers: { authorization: `Bearer ${key}` },
    });
    expect(answer.status).toBe(200);
    await answer.text();
    await page.goto(`${gateway.url}/admin/budgets`);
    await page.getByRole('button', { name: 'New budget' }).first().click();
    await page.getByLabel('Name').fill('tiny');
    await page.getByLabel('Limit').fill('0.000001');
    await page.getByRole('button', { name: 'Set it' }).click();
    await page.getByRole('heading', { name: 'tiny' }).waitFor();
    await newChat();
    await chooseModel('sandbox/sandbox-large');
    await say('Does this still go?');
    await page
      .getByRole('alert')
      .getByText(/budget/i)
      .first()
      .waitFor();
    await page.goto(`${gateway.url}/admin/budgets`);
    await page.getByRole('button', { name: 'Delete tiny' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('No budgets yet').waitFor();
  });

  test('an administrator adds a provider, tests it, chats with it, and switches it off', async () => {
    await page.goto(`${gateway.url}/admin/providers`);
    await page.getByRole('button', { name: 'Add a provider' }).click();
    await page.getByLabel('Kind').selectOption('openai-compatible');
    await page.getByLabel('Name').fill('next-door');
    await page.getByLabel('Address').fill(`${gateway.url}/v1`);
    await page.getByLabel('Key, if it wants one').fill(gateway.key);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'next-door' }) });
    await card.getByRole('button', { name: 'Test' }).click();
    await card.getByText(/serves \d+ models/).waitFor();
    expect(await page.content()).not.toContain(gateway.key);
    const ask = () => gateway.chat('openai-chat', { model: 'next-door/sandbox/sandbox-small' });
    expect((await ask()).status).toBe(200);
    // What the dialog has no field for is kept by a change there.
    const kept = { wires: ['openai-chat'], firstByteMs: 9000, options: { quirks: { imageUrls: false } } };
    await put('/api/v1/providers/next-door', { kind: 'openai-compatible', baseUrl: `${gateway.url}/v1`, ...kept });
    await page.reload();
    await card.getByRole('button', { name: 'Change next-door' }).click();
    await page.getByLabel('Address').fill(`${gateway.url}/v1/`);
    await page.getByLabel('Key, if it wants one').fill(gateway.key);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await card.getByText(`${gateway.url}/v1/`).waitFor();
    expect((await listed('/api/v1/providers', 'next-door')).settings).toEqual({
      baseUrl: `${gateway.url}/v1/`,
      ...kept,
    });
    expect((await ask()).status).toBe(200);
    await card.getByRole('switch', { name: 'Takes calls' }).click();
    await card.getByRole('switch', { name: 'Takes calls', checked: false }).waitFor();
    expect((await ask()).status).toBe(404);
    await card.getByRole('button', { name: 'Delete next-door' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await card.waitFor({ state: 'detached' });
  });

  test('what an operator says a model costs stands in the list, until it is forgotten', async () => {
    await page.goto(`${gateway.url}/admin/models?q=slow/sandbox-small`);
    // Rows can be opened once it is known who looks.
    await page.locator('[role=row][tabindex]').filter({ hasText: 'slow/sandbox-small' }).click();
    await page.getByLabel('Input, $ a million', { exact: true }).fill('7.5');
    await page.getByRole('button', { name: 'Save' }).click();
    const row = page.getByRole('row').filter({ hasText: 'slow/sandbox-small' });
    await row.getByText('$7.50').waitFor();
    await row.getByText('operator').waitFor();
    // What the dialog has no field for is kept by a change there, and the rest of what was said with it.
    const said = { capabilities: ['tools'], context: 5000 };
    const price = { input: 7.5, output: 2, cacheWrite1h: 9, audioInput: 3, audioOutput: 4 };
    await put('/api/v1/models/slow%2Fsandbox-small', { ...said, price });
    await page.reload();
    await page.locator('[role=row][tabindex]').filter({ hasText: 'slow/sandbox-small' }).click();
    await page.getByLabel('Input, $ a million', { exact: true }).fill('8.5');
    await page.getByRole('button', { name: 'Save' }).click();
    await row.getByText('$8.50').waitFor();
    expect(await listed('/api/v1/models', 'slow/sandbox-small')).toMatchObject({
      ...said,
      price: { ...price, input: 8.5 },
    });
    await row.click();
    await page.getByRole('button', { name: 'Back to what the catalogue says' }).click();
    await row.getByText('operator').waitFor({ state: 'detached' });
  });

  test('the overview moves while calls are made', async () => {
    await page.goto(`${gateway.url}/admin`);
    await page.getByRole('status').getByText('live', { exact: true }).waitFor();
    const now = page.getByRole('region', { name: 'Now' });
    await gateway.chat('openai-chat', { model: 'sandbox/sandbox-small' }).then((answer) => answer.text());
    await now.getByText('sandbox/sandbox-small', { exact: true }).waitFor();
  });

  test('the app takes the name and the accent of its owner, before anybody is logged in too', async () => {
    await page.goto(`${gateway.url}/admin/settings`);
    await page.getByLabel('Name').fill('Acme AI');
    await page.getByLabel('Welcome').fill('Ask away.');
    await page.getByRole('switch', { name: 'An accent of our own' }).click();
    await page.getByLabel('Hue').fill('300');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('html[data-hue]').waitFor();
    const stranger = await browser.newContext();
    const seenThere = await stranger.newPage();
    await seenThere.goto(`${gateway.url}/sign-in`);
    await seenThere.getByText('Acme AI').waitFor();
    await seenThere.getByText('Ask away.').waitFor();
    await stranger.close();
    await gateway.fetch('/api/v1/branding', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
  });

  test('the ledger shows the next page of calls to whoever scrolls there', async () => {
    const sql = await gateway.sql();
    // A thousand more of the call that is there.
    await sql.execute(`insert into calls select r.* from generate_series(1, 1000) n,
      (select * from calls where outcome = 'ok' limit 1) c,
      jsonb_populate_record(null::calls, to_jsonb(c) || jsonb_build_object('request_id', 'req_copy' || n,
        'at', c.at - n * interval '1 second')) r`);
    await page.goto(`${gateway.url}/admin/calls`);
    const table = page.getByRole('table', { name: 'Calls' });
    await table.getByRole('row').nth(3).waitFor();
    const rows = async () => Number(await table.getAttribute('aria-rowcount'));
    const before = await rows();
    for (let tries = 0; tries < 100 && (await rows()) < 1000; tries++) {
      await table.hover();
      await page.mouse.wheel(0, 20_000);
      await page.waitForTimeout(100);
    }
    expect(before).toBeLessThan(600);
    expect(await rows()).toBeGreaterThan(1000);
    await sql.execute(`delete from calls where request_id like 'req_copy%'`);
  });

  test('the ledger opens one call with what was tried and why', async () => {
    await page.goto(`${gateway.url}/admin/calls`);
    await page.getByRole('row').filter({ hasText: 'answered' }).first().click();
    await page.getByRole('heading', { name: 'What was tried' }).waitFor();
    expect(page.url()).toContain('id=req_');
  });

  test('the router explains where a message would go', async () => {
    await page.goto(`${gateway.url}/admin/routing`);
    await page.getByRole('textbox', { name: 'Message' }).fill('Design a queue that loses nothing.');
    await page.getByRole('button', { name: 'Explain', exact: true }).click();
    await page.getByText('It would go to').waitFor();
  });

  test('without a connection what is written is kept, and said to be', async () => {
    await newChat();
    await context.setOffline(true);
    await page.getByText('You are offline.', { exact: false }).waitFor();
    await say('Sent later');
    await page.getByText('It could not be sent').first().waitFor();
    expect(await message().inputValue()).toBe('Sent later');
    await context.setOffline(false);
    await message().press('Enter');
    await page.waitForURL('**/c/conv_*');
    await settled();
  });

  test('the installed app opens without a connection, and keeps nothing that the server said', async () => {
    await newChat();
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    await page.waitForFunction(async () => (await caches.keys()).length > 0);
    await context.setOffline(true);
    await page.reload();
    await message().waitFor();
    await page.getByText('You are offline.', { exact: false }).waitFor();
    const kept = (await page.evaluate(
      `caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>
        (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))).flat())`,
    )) as string[];
    await context.setOffline(false);
    expect(kept).toContain('/index.html');
    expect(kept.filter((path) => /^\/(api|v1|docs|share)/.test(path))).toEqual([]);
  });

  test('no page failed, broke its policy or asked another host on the way', () => {
    expect(faults).toEqual([]);
  });
});
