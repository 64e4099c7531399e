/** A real Chromium for what a page must prove: started once a file, one fresh context a page. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

interface Opened {
  readonly page: Page;
  /** Every address the page asked for, its own file included. */
  readonly requests: readonly string[];
  /** Console messages, page errors, dialogs and violations of the content security policy. */
  readonly noise: readonly string[];
  /** Where the page lies. */
  readonly url: string;
}

export interface Chromium {
  /** Opens `html` from a file, as a reader would, and records what it does. */
  open(html: string, options?: BrowserContextOptions): Promise<Opened>;
  close(): Promise<void>;
}

export async function startChromium(): Promise<Chromium> {
  const folder = await mkdtemp(join(tmpdir(), 'scorecard-browser-'));
  // Root may not use Chromium's sandbox; the pages are our own.
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
  let pages = 0;
  return {
    async open(html, options = {}) {
      pages += 1;
      const path = join(folder, `page-${pages}.html`);
      await writeFile(path, html);
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const requests: string[] = [];
      const noise: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      page.on('console', (message) => noise.push(`console: ${message.text()}`));
      page.on('pageerror', (error) => noise.push(`error: ${error.message}`));
      page.on('dialog', (dialog) => {
        noise.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      const url = pathToFileURL(path).href;
      await page.goto(url);
      return { page, requests, noise, url };
    },
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
