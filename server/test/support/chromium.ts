import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const paths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = process.env.SLUICE_TEST_CHROMIUM ?? paths.find(existsSync);
const isBuilt = existsSync(join(import.meta.dirname, '../../../web/dist/index.html'));

/** Whether pages can be opened: a Chromium is installed, and the app is built. */
export const hasChromium = executablePath !== undefined && isBuilt;
if (!hasChromium) {
  console.log(
    isBuilt
      ? 'Skipped: the journeys through the web app. Install Chromium (apt-get install chromium) to run them.'
      : 'Skipped: the journeys through the web app. Build it first: npm run build.',
  );
}

/** A headless Chromium that reaches nothing but what it is told to open. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executablePath!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** What a page must never do: fail, break its policy, or ask another host. Collected while it is used. */
export function watchPage(page: Page, origin: string): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`thrown: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob|about):/.test(url)) faults.push(`asked elsewhere: ${url}`);
  });
  return faults;
}
