/** The access report as a page of its own, for a browser. */
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { AccessReport } from '../../src/access/types.js';
import type { AccessDigest } from '../../src/model.js';
import { htmlBody } from '../escape.js';
import { htmlDocument } from '../html/document.js';
import { Navigation, Skip } from '../html/navigation.js';
import { Warned } from '../html/parts.js';
import { count, cut, first } from '../html/text.js';
import { AccessSection } from './html/section.js';

const MOST_CLOSED = 60;

/** What the page says beside the digest. */
export type AccessPage = Pick<AccessReport, 'run' | 'question' | 'lost' | 'warnings'>;

/** One self-contained page without a script. Preact escapes; then everything invisible is made visible. */
export function accessHtml(digest: AccessDigest, page: AccessPage): string {
  return htmlDocument({
    title: `SSH access: ${count(digest.hosts.total, 'host')}`,
    body: htmlBody(renderToString(<Page of={digest} page={page} />)),
    script: false,
  });
}

const LINKS = [
  ['access-may', 'Who may'],
  ['access-did', 'Who did'],
  ['access-unused', 'Never used'],
  ['access-why', 'Why'],
  ['access-changed', 'What changed'],
] as const;

function Page({ of, page }: { readonly of: AccessDigest; readonly page: AccessPage }): VNode {
  const { run, question, warnings } = page;
  const asked = (['as', 'to', 'without'] as const).flatMap((key) =>
    question[key] === undefined ? [] : [`${key} ${question[key]}`],
  );
  return (
    <>
      <Skip />
      <header class="top">
        <div class="wrap">
          <p class="eyebrow">SSH access</p>
          <h1>
            <span class="because">
              {count(of.hosts.total, 'host')}
              {asked.length === 0 ? '' : `, ${cut(asked.join(', '), 300)}`}
            </span>
          </h1>
          <p class="stamp">Run {cut(run, 120)}</p>
        </div>
      </header>
      <Navigation links={LINKS} />
      <main id="main" tabIndex={-1}>
        <Warned of={warnings} />
        <Lost page={page} />
        <AccessSection of={of} />
      </main>
    </>
  );
}

/** What closing a principal would cost. */
function Lost({ page: { lost, question } }: { readonly page: AccessPage }): VNode | null {
  if (!lost) return null;
  const { shown, left } = first(lost.closedAccounts, MOST_CLOSED);
  return (
    <section id="lost" aria-labelledby="lost-title">
      <h2 id="lost-title">Without {cut(question.without ?? '', 100)}</h2>
      <p>
        {count(lost.doors.length, 'way')} in would close, which {count(lost.logins, 'login')} of the window
        used. Accounts nobody could enter any more: {lost.closedAccounts.length === 0 ? 'none' : ''}
        {shown.map(({ host, account }, index) => [
          index === 0 ? '' : ', ',
          <code>{cut(`${account} on ${host}`, 200)}</code>,
        ])}
        {left === 0 ? '' : ` and ${left} more`}.
      </p>
    </section>
  );
}
