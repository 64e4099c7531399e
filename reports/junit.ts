import type { Builder } from 'junit-report-builder';
import { junitBuilder } from '../src/junit-report-builder.js';
import type { FleetReport, Report } from '../src/model.js';
import { closureSuite, fleetSuite } from './junit/fleet.js';
import { casesOf, type Counts, hostSuite } from './junit/hosts.js';
import { attribute, guidanceSuite, standingSuite, unique } from './junit/suites.js';

const NAME = 'ssh-scorecard';
const ROOT = /<testsuites name="[^"]*" tests="(\d+)" failures="(\d+)" errors="(\d+)"[^>]*>/;
/** Hosts that are built at a time: the builder keeps every element of a document until it is written. */
const AT_A_TIME = 200;

interface Written extends Counts {
  readonly suites: string;
}

/** The suites of one document as text, and the counts of its root element (which holds no text of others). */
function written(fill: (root: Builder) => void): Written {
  const root = junitBuilder().name(NAME);
  fill(root);
  const text = root.build();
  const [open, tests, failures, errors] = ROOT.exec(text) ?? [''];
  const suites = text.slice(text.indexOf(open) + open.length, text.lastIndexOf('</testsuites>')).trim();
  return { suites, tests: Number(tests), failures: Number(failures), errors: Number(errors) };
}

/**
 * JUnit in the dialect Jenkins and GitLab read (junit-10.xsd): a suite per host with a case per check, then
 * `fleet`, the guidance, `standing` and `closure`. Every host of the report is there, reached or not.
 */
export const junit: Report = {
  id: 'junit',
  title: 'JUnit XML, for CI systems',
  mediaType: 'application/xml',
  render: (report) => [...pieces(report)].join(''),
  pieces,
};

/** The root element counts what follows it, so the hosts are counted before they are written, and named: first come. */
function* pieces(report: FleetReport): Generator<string> {
  const names = new Set<string>();
  const named = report.hosts.map((host) => ({ host, name: unique(names, attribute(host.name)) }));
  const last = written((root) => {
    fleetSuite(root, names, report);
    guidanceSuite(root, names, report);
    standingSuite(root, names, report);
    closureSuite(root, names, report);
  });
  const total = added(casesOf(report.hosts), last);
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${NAME}" tests="${total.tests}" failures="${total.failures}" errors="${total.errors}">\n`;
  let sum: Counts = { tests: 0, failures: 0, errors: 0 };
  for (let first = 0; first < named.length; first += AT_A_TIME) {
    const part = written((root) => {
      for (const { host, name } of named.slice(first, first + AT_A_TIME)) hostSuite(root, name, host);
    });
    sum = added(sum, part);
    yield `  ${part.suites}\n`;
  }
  sum = added(sum, last);
  if (sum.tests !== total.tests || sum.failures !== total.failures || sum.errors !== total.errors)
    throw new Error(`JUnit: counted ${JSON.stringify(total)}, wrote ${JSON.stringify(sum)}`);
  yield `  ${last.suites}\n</testsuites>\n`;
}

function added(one: Counts, other: Counts): Counts {
  return {
    tests: one.tests + other.tests,
    failures: one.failures + other.failures,
    errors: one.errors + other.errors,
  };
}
