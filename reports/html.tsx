import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { FleetReport, Report } from '../src/model.js';
import { html as escaped, htmlBody } from './escape.js';
import { About, Warnings } from './html/about.js';
import { Causes } from './html/causes.js';
import { ChangedShort } from './html/changed.js';
import { ChangesSection } from './html/changes.js';
import { Checks } from './html/checks.js';
import { Conditions, Triggers } from './html/closure.js';
import { Exceptions } from './html/exceptions.js';
import { Filters } from './html/filters.js';
import { SCRIPT_SHA256, STYLE_SHA256 } from './html/hashes.js';
import { HeatMap } from './html/heatmap.js';
import { HostsSection } from './html/hosts.js';
import { SCRIPT } from './html/script.js';
import { STYLE } from './html/style.js';
import { count } from './html/text.js';
import { Trend } from './html/trend.js';
import { First, Head, Numbers } from './html/verdict.js';
import { viewOf, type View } from './html/view.js';

/** Nothing is fetched, nothing is sent, and only this style and this script count. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_SHA256}'`,
  `script-src 'sha256-${SCRIPT_SHA256}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function Navigation({ report }: { readonly report: FleetReport }): VNode {
  const links = [
    ['first', 'First'],
    ['closure', 'Closure'],
    ...(report.changes === undefined ? [] : [['changes', 'Changes'] as const]),
    ['map', 'Hosts by checks'],
    ['causes', 'Causes'],
    ['checks', 'Checks'],
    ['hosts', 'Host by host'],
    ['trend', 'Trend'],
    ['exceptions', 'Exceptions'],
    ['about', 'About'],
  ] as const;
  return (
    <nav aria-label="Sections">
      <ul>
        {links.map(([id, words]) => (
          <li>
            <a href={`#${id}`}>{words}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Page({ view }: { readonly view: View }): VNode {
  const { report } = view;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the report
      </a>
      <Head report={report} />
      <Navigation report={report} />
      <main id="main" tabIndex={-1}>
        <Warnings report={report} />
        <Numbers report={report} />
        <div class="columns">
          <First report={report} />
          <ChangedShort report={report} />
        </div>
        <Conditions closure={report.closure} />
        <Triggers closure={report.closure} />
        <ChangesSection report={report} />
        <Filters view={view} />
        <HeatMap view={view} />
        <Causes report={report} />
        <Checks view={view} />
        <HostsSection view={view} />
        <Trend view={view} />
        <Exceptions report={report} />
        <About report={report} />
      </main>
    </>
  );
}

/**
 * One self-contained page for a browser: no asset, no request, readable without JavaScript, printable. Preact
 * escapes every text and attribute; then everything invisible in the body is made visible, in one pass that no
 * component can forget. Large fleets are bounded (html/view.ts), and the page says what it leaves out.
 */
export const html: Report = {
  id: 'html',
  title: 'One HTML page, self-contained, for auditors',
  mediaType: 'text/html',
  render(report: FleetReport): string {
    const { closure, totals } = report;
    const title = `SSH scorecard: ${closure.verdict}, ${count(totals.hosts, 'host')}`;
    return [
      '<!doctype html>',
      '<html lang="en">',
      '<head>',
      '<meta charset="utf-8">',
      `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
      '<meta name="viewport" content="width=device-width, initial-scale=1">',
      '<meta name="referrer" content="no-referrer">',
      `<title>${escaped(title)}</title>`,
      `<style>${STYLE}</style>`,
      '</head>',
      `<body>${htmlBody(renderToString(<Page view={viewOf(report)} />))}`,
      `<script>${SCRIPT}</script>`,
      '</body>',
      '</html>\n',
    ].join('\n');
  },
};
