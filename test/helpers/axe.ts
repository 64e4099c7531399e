/** What axe-core has against a page. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Violations in all that can be unfolded, one line each. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
  // Run by the debugger, which no content security policy keeps out.
  await page.evaluate(axe.source);
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((done) => done.violations)`,
  )) as readonly Violation[];
  return found.map(
    ({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary} (${nodes.length})`,
  );
}
