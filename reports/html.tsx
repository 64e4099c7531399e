import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { FleetReport, Report } from '../src/model.js';
import { AccessSection } from './access/html/section.js';
import { htmlBody } from './escape.js';
import { partOf } from './group.js';
import { About, Warnings } from './html/about.js';
import { Causes } from './html/causes.js';
import { ChangedShort } from './html/changed.js';
import { ChangesSection } from './html/changes.js';
import { Checks } from './html/checks.js';
import { Conditions, Triggers } from './html/closure.js';
import { htmlDocument } from './html/document.js';
import { Exceptions } from './html/exceptions.js';
import { Filters } from './html/filters.js';
import { First } from './html/first-steps.js';
import { Guidance } from './html/guidance.js';
import { HeatMap } from './html/heatmap.js';
import { HostsSection } from './html/hosts.js';
import { Navigation, Skip } from './html/navigation.js';
import { count } from './html/text.js';
import { Trend } from './html/trend.js';
import { Head, Numbers } from './html/verdict.js';
import { viewOf, type View } from './html/view.js';

function linksOf(report: FleetReport): readonly (readonly [string, string])[] {
  const guided = report.checks.some((meta) => partOf(meta) === 'guidance');
  return [
    ['first', 'First'],
    ['closure', 'Closure'],
    ...(report.changes === undefined ? [] : [['changes', 'Changes'] as const]),
    ['map', 'Hosts by checks'],
    ['causes', 'Causes'],
    ['checks', 'Checks'],
    ['hosts', 'Host by host'],
    ...(guided ? [['guidance', 'Guidance'] as const] : []),
    ...(report.access === undefined ? [] : [['access', 'Access'] as const]),
    ['trend', 'Trend'],
    ['exceptions', 'Exceptions'],
    ['about', 'About'],
  ];
}

function Page({ view }: { readonly view: View }): VNode {
  const { report } = view;
  return (
    <>
      <Skip />
      <Head report={report} />
      <Navigation links={linksOf(report)} />
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
        <Guidance view={view} />
        {report.access === undefined ? null : <AccessSection of={report.access} />}
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
    return htmlDocument({
      title,
      body: htmlBody(renderToString(<Page view={viewOf(report)} />)),
      script: true,
    });
  },
};
