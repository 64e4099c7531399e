import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fleet, report } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { madeDigest } from '../access/made-fleet.js';
import { violations } from '../helpers/axe.js';
import { startChromium, type Chromium } from '../helpers/browser.js';
import { needs, title } from '../helpers/needs.js';
import { accessPage } from './access-page.js';
import { history, rendered as render, sayingMore, whole } from './html-whole.js';

/** Breakouts from text, attributes, title, style, script and comments, and what looks like an address. */
const ATTACK = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "' onfocus=alert(3) autofocus x='",
  '</title></style></script><svg onload=alert(4)>',
  '--><iframe src="https://evil.invalid/"></iframe>',
  'javascript:alert(5)',
  '<style>@import "https://evil.invalid/x.css";</style>',
  '<meta http-equiv="refresh" content="0;url=https://evil.invalid/">',
  '<base href="https://evil.invalid/">&lt;b&gt;{{7*7}}\u202e\u0000',
].join(' ');

const shown = (page: Page, selector: string): Promise<number> => page.locator(`${selector}:visible`).count();

describe.skipIf(needs.chromium)(title('html in a browser', needs.chromium), () => {
  let browser: Chromium;
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser.close();
  });

  it.each([
    ['mixed, light', mixed, { colorScheme: 'light' }],
    ['whole, dark', whole, { colorScheme: 'dark' }],
    ['whole, on a phone', whole, { colorScheme: 'light', viewport: { width: 360, height: 700 } }],
    ['hostile', sayingMore(ATTACK, true), { colorScheme: 'light' }],
    ['without a host', report([]), { colorScheme: 'light' }],
  ] as const)('has no accessibility violation: %s', async (_name, value, context) => {
    const { page } = await browser.open(render(value), context);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  it('keeps hostile text inert and asks no machine for anything', async () => {
    const { page, requests, noise, url } = await browser.open(render(sayingMore(ATTACK, true)));
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
    await page.evaluate(
      `document.querySelectorAll('a, summary, button').forEach((one) => { one.focus(); one.click(); })`,
    );
    await page.waitForTimeout(200);
    expect(requests).toEqual([url]);
    expect(noise).toEqual([]);
    expect(
      await page
        .locator('img, iframe, object, embed, base, [onload], [onerror], [onfocus], [autofocus]')
        .count(),
    ).toBe(0);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.title()).toBe('SSH scorecard: open, 4 hosts');
    // Shown as it came, only what is invisible spelled out.
    const row = await page.locator('#hosts details.host').first().textContent();
    expect(row).toContain(`<script>alert(1)</script> "><img src=x onerror=alert(2)>`);
    expect(row).toContain('\\u202e\\u0000');
    await page.context().close();
  });

  it('has a policy that stops a script and a style it does not name', async () => {
    const planted = render(whole).replace(
      '</body>',
      '<script>document.title = "owned";</script><p id="p" style="color:red">x</p></body>',
    );
    const { page, noise } = await browser.open(planted);
    expect(await page.title()).not.toBe('owned');
    expect(noise.filter((one) => one.includes('Content Security Policy'))).toHaveLength(2);
    await page.context().close();
  });

  it('is whole without JavaScript: all is there, folding works, and no dead control is shown', async () => {
    const { page, noise } = await browser.open(render(whole), { javaScriptEnabled: false });
    expect(await shown(page, '#filter')).toBe(0);
    expect(await shown(page, '#map tbody tr')).toBe(whole.hosts.length);
    const section = page.locator('details.host', { hasText: 'web-03' });
    expect(await section.getByText('userdel toor').isVisible()).toBe(false);
    await section.locator('summary').click();
    expect(await section.getByText('userdel toor').isVisible()).toBe(true);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  it('a failed cell leads to its finding, unfolded, with and without JavaScript', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page } = await browser.open(render(whole), { javaScriptEnabled });
      await page.locator('#map tr', { hasText: 'web-03' }).locator('a', { hasText: 'fail' }).last().click();
      await page.locator('details.host', { hasText: 'web-03' }).getByText('userdel toor').waitFor();
      expect(await page.locator('.results :target').textContent()).toContain('6 root-login');
      await page.context().close();
    }
  });

  it('filters hosts by text, status, check and environment, and says how many are left', async () => {
    const value = {
      ...fleet(60),
      hosts: fleet(60).hosts.map((host, index) => ({
        ...host,
        environment: index < 30 ? 'production' : 'a "b" <c>',
      })),
    };
    const { page, noise } = await browser.open(render(value));
    const rows = (): Promise<number> => shown(page, '#map tbody tr');
    const status = page.locator('#f-count');
    const left = (n: number) => expect.poll(rows).toBe(n);
    expect(await status.textContent()).toBe('60 hosts on this page');
    await page.getByLabel('Search hosts').fill('WEB guessed password');
    await left(3);
    expect(await shown(page, 'details.host')).toBe(3);
    expect(await status.textContent()).toBe('3 of 60 hosts on this page match');
    await page.getByRole('button', { name: 'Show all' }).click();
    await left(60);
    await page.getByLabel('Result').selectOption('fail');
    await left(3);
    await page.locator('#f-check').selectOption({ label: '6 root-login' });
    await left(0);
    await page.getByLabel('Result').selectOption('unknown');
    await left(3);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByLabel('Environment').selectOption({ label: 'a "b" <c>' });
    await left(30);
    await page.getByRole('button', { name: 'Unfold hosts' }).click();
    expect(await page.locator('details.host[open]').count()).toBe(30);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  it('works by keyboard: the skip link, then folding with Enter', async () => {
    const { page } = await browser.open(render(whole));
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the report');
    await page.keyboard.press('Enter');
    await page.locator('#hosts summary').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#hosts details').first().getAttribute('open')).not.toBeNull();
    await page.context().close();
  });

  it('never scrolls sideways, from phone to desktop', async () => {
    for (const width of [320, 390, 768, 1280]) {
      const { page } = await browser.open(render(whole), { viewport: { width, height: 800 } });
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.context().close();
    }
  });

  it('prints with everything unfolded and without controls, also without JavaScript', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page } = await browser.open(render(whole), { javaScriptEnabled });
      await page.emulateMedia({ media: 'print' });
      expect(await shown(page, '#filter')).toBe(0);
      expect(await shown(page, 'nav')).toBe(0);
      const text = page.locator('details.host', { hasText: 'web-03' }).getByText('userdel toor');
      expect((await text.boundingBox())?.height ?? 0).toBeGreaterThan(0);
      const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
      const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
      expect(pages).toBeGreaterThan(3);
      expect(pages).toBeLessThan(25);
      await page.context().close();
    }
  });

  it('opens 500 hosts with a long history, below 5 MB, every host in the table', async () => {
    const text = render({ ...fleet(500), history: history(200) });
    expect(Buffer.byteLength(text)).toBeLessThan(5_000_000);
    const { page, noise, requests } = await browser.open(text);
    expect(await page.locator('#map tbody tr').count()).toBe(500);
    expect(requests).toHaveLength(1);
    expect(noise).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['light', 24, { colorScheme: 'light' }],
    ['dark, a large fleet', 600, { colorScheme: 'dark' }],
    ['on a phone', 24, { colorScheme: 'light', viewport: { width: 360, height: 700 } }],
  ] as const)('the access page has no accessibility violation: %s', async (_name, hosts, context) => {
    const digest = madeDigest(Array.from({ length: hosts }, (_, index) => index));
    const { page, noise, requests } = await browser.open(accessPage(digest), context);
    expect(await violations(page)).toEqual([]);
    expect([noise, requests.length]).toEqual([[], 1]);
    await page.context().close();
  });

  it('the access page fits every width, also in print, where its tables are unfolded', async () => {
    const text = accessPage(madeDigest(Array.from({ length: 40 }, (_, index) => index)));
    for (const width of [320, 768, 1280]) {
      const { page } = await browser.open(text, { viewport: { width, height: 800 } });
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.context().close();
    }
    // An A4 page less its margins has 703 CSS pixels.
    const { page } = await browser.open(text, { viewport: { width: 703, height: 1000 } });
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(703);
    const table = page.locator('figure.picture table').first();
    expect((await table.boundingBox())?.height ?? 0).toBeGreaterThan(50);
    for (const picture of await page.locator('figure.picture svg[role=img]').all())
      expect((await picture.boundingBox())?.width ?? 0).toBeGreaterThan(300);
    await page.context().close();
  });
});
