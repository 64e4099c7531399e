/** The access report as a page, for tests. */
import { accessHtml, type AccessPage } from '../../reports/access/html.js';
import { STYLE_SHA256 } from '../../reports/html/hashes.js';
import { STYLE } from '../../reports/html/style.js';
import type { AccessDigest } from '../../src/model.js';
import { sha256 } from './html-whole.js';

const PAGE: AccessPage = { run: '2026-11-21T02-00-00Z-k3v9', question: {}, warnings: [] };

/** With the hash of this very style, as in html-whole.ts. */
export function accessPage(digest: AccessDigest, more: Partial<AccessPage> = {}): string {
  return accessHtml(digest, { ...PAGE, ...more }).replace(STYLE_SHA256, sha256(STYLE));
}
