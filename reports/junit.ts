import jrb, { type Builder } from 'junit-report-builder';
import type { FleetReport, Report } from '../src/model.js';
import { closureSuite, fleetSuite } from './junit/fleet.js';
import { casesOf, type Counts, hostSuite } from './junit/hosts.js';
import { guidanceSuite, standingSuite } from './junit/suites.js';

/** The package's typings promise an ES default export; at run time `module.exports` is the builder itself. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above; a test renders with it
const factory = jrb as unknown as Builder;

const NAME = 'ssh-scorecard';
const ROOT = /<testsuites name="[^"]*" tests="(\d+)" failures="(\d+)" errors="(\d+)"[^>]*>/;
/** Hosts that are built at a time: the builder keeps every element of a document until it is written. */
const AT_A_TIME = 200;

interface Written extends Counts {
  readonly suites: string;
}

/** The suites of one document as text, and the counts of its root element (which holds no text of others). */
function written(fill: (root: Builder) => void): Written {
  const root = factory.newBuilder().name(NAME);
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

/** The root element counts what follows it, so the hosts are counted before they are written. */
function* pieces(report: FleetReport): Generator<string> {
  const fleetWide = (names: Set<string>): Written =>
    written((root) => {
      fleetSuite(root, names, report);
      guidanceSuite(root, names, report);
      standingSuite(root, names, report);
      closureSuite(root, names, report);
    });
  const total = added(casesOf(report.hosts), fleetWide(new Set()));
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${NAME}" tests="${total.tests}" failures="${total.failures}" errors="${total.errors}">\n`;
  const names = new Set<string>();
  let sum: Counts = { tests: 0, failures: 0, errors: 0 };
  for (let first = 0; first < report.hosts.length; first += AT_A_TIME) {
    const part = written((root) => {
      for (const host of report.hosts.slice(first, first + AT_A_TIME)) hostSuite(root, names, host);
    });
    sum = added(sum, part);
    yield `  ${part.suites}\n`;
  }
  const last = fleetWide(names);
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
