import jrb, { type Builder, type TestCase } from 'junit-report-builder';
import type { CheckResult, Condition, FleetReport, Finding, HostReport, Report } from '../src/model.js';
import { bounded } from './escape.js';
import { statusOf } from './group.js';
import { evidenceText, waiverText } from './judged.js';
import { attribute, guidanceSuite, line, standingSuite, suiteOf } from './junit/suites.js';

const MOST_FINDINGS = 50;

/** The package's typings promise an ES default export; at run time `module.exports` is the builder itself. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above; a test renders with it
const factory = jrb as unknown as Builder;

function findingLines({ subject, message, evidence, at, remediation }: Finding): readonly string[] {
  return [
    line('subject', subject),
    line('message', message),
    ...(at === undefined ? [] : [line('at', `${at.path}${at.line === undefined ? '' : `:${at.line}`}`)]),
    ...evidence.map(({ probe, path, line: number, excerpt }) =>
      line('evidence', [probe, path, number, excerpt].filter((part) => part !== undefined).join(': ')),
    ),
    ...(remediation === undefined ? [] : [line('do', remediation)]),
  ];
}

function findingsText(findings: readonly Finding[]): string {
  const left = findings.length - MOST_FINDINGS;
  const blocks = findings.slice(0, MOST_FINDINGS).map((finding) => findingLines(finding).join('\n'));
  return [...blocks, ...(left > 0 ? [`and ${left} more findings`] : [])].join('\n\n');
}

/** fail -> failure, unknown -> error, waived -> skipped with its reason: never green by absence. */
function judge(test: TestCase, result: CheckResult, host: HostReport): void {
  const { outcome, since } = result;
  const accepted = waiverText(result);
  const told = since === undefined ? [] : [line('since', since)];
  if (outcome.status === 'pass') {
    test.standardOutput(
      [
        line('because', outcome.because),
        ...(outcome.notes ?? []).map((note) => line('note', note)),
        ...told,
      ].join('\n'),
    );
    return;
  }
  if (outcome.status === 'unknown') {
    const failure = outcome.reason === 'unreachable' ? host.failure : undefined;
    const [type, detail] = [failure?.code ?? outcome.reason, failure?.detail ?? outcome.detail];
    const hint = failure?.hint === undefined ? [] : [line('do', failure.hint)];
    const body = [
      line('detail', detail),
      ...(outcome.missing ?? []).map((one) => line('missing', one)),
      ...hint,
      ...told,
    ];
    test.error(attribute(`${type}: ${detail}`), attribute(type), body.join('\n'));
    return;
  }
  const [first, ...more] = outcome.findings;
  const findings = findingsText(outcome.findings);
  const head = [...(accepted === null ? [] : [line('waiver', accepted)]), ...told];
  const text = [...head, ...(head.length > 0 ? [''] : []), findings].join('\n');
  if (statusOf(result) === 'waived') {
    test.skipped().standardOutput(text);
    return;
  }
  const rest = more.length === 0 ? '' : ` (and ${more.length} more)`;
  test.failure(attribute(bounded(`${first.subject}: ${first.message}`, 280) + rest), 'fail').stacktrace(text);
}

function hostSuite(root: Builder, suites: Set<string>, host: HostReport): void {
  const { suite, newCase } = suiteOf(root, suites, host.name);
  const properties: readonly (readonly [string, string | undefined])[] = [
    ['environment', host.environment],
    ['tags', host.tags.length === 0 ? undefined : host.tags.join(', ')],
    ['inventory', `${host.at.file}:${host.at.line}`],
    ['score', `${host.score}/10`],
    ['host-key', host.connection?.hostKey?.fingerprint],
    ['evidence-sha256', host.evidenceSha256],
  ];
  for (const [name, value] of properties) if (value !== undefined) suite.property(name, attribute(value));
  if (host.collectedAt !== undefined) suite.timestamp(attribute(host.collectedAt));
  const results = [...host.results, ...host.extra];
  for (const result of results) judge(newCase(result.id), result, host);
  if (results.length === 0)
    newCase('judged').error('not judged: the run ended before this host was asked', 'not-judged');
}

/** One case per host that did not answer, and one that says whether all did. */
function fleetSuite(root: Builder, suites: Set<string>, report: FleetReport): void {
  const { suite, newCase } = suiteOf(root, suites, 'fleet');
  suite
    .property('inventory', attribute(report.run.inventory.path))
    .property('judged-at', attribute(report.run.now));
  const lost = report.hosts.filter(({ failure }) => failure !== undefined);
  const all = newCase('every host answered');
  if (lost.length > 0 || report.hosts.length === 0) {
    all.error(`${lost.length} of ${report.hosts.length} hosts not gathered`, 'unreachable');
  }
  for (const { name, failure } of lost) {
    if (failure === undefined) continue;
    const body = [
      line('detail', failure.detail),
      ...(failure.hint === undefined ? [] : [line('do', failure.hint)]),
    ];
    newCase(`reached ${name}`).error(
      attribute(`${failure.code}: ${failure.detail}`),
      failure.code,
      body.join('\n'),
    );
  }
}

function condition(
  test: TestCase,
  { state, because, evidence = [], provide }: Omit<Condition, 'id' | 'title'>,
): void {
  const body = [
    line('because', because),
    ...evidence.map((one) => line('evidence', evidenceText(one))),
    ...(provide === undefined ? [] : [line('provide', provide)]),
  ].join('\n');
  if (state === 'met') test.standardOutput(body);
  else if (state === 'unproven') test.error(attribute(because), 'unproven', body);
  else test.failure(attribute(because), 'not-met').stacktrace(body);
}

function closureSuite(root: Builder, suites: Set<string>, { closure }: FleetReport): void {
  const { newCase } = suiteOf(root, suites, 'closure');
  for (const one of [...closure.conditions, ...closure.beyond]) condition(newCase(one.id), one);
  const state = { closed: 'met', open: 'not-met', unproven: 'unproven' } as const;
  condition(newCase('verdict'), {
    state: state[closure.verdict],
    because: `${closure.verdict}: ${closure.because}`,
  });
}

const NAME = 'ssh-scorecard';
const ROOT = /<testsuites name="[^"]*" tests="(\d+)" failures="(\d+)" errors="(\d+)"[^>]*>/;
/** Hosts that are built at a time: the builder keeps every element of a document until it is written. */
const AT_A_TIME = 200;

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
}

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

/** What {@link hostSuite} writes of these hosts. */
function casesOf(hosts: readonly HostReport[]): Counts {
  const all = { tests: 0, failures: 0, errors: 0 };
  for (const { results, extra } of hosts) {
    const statuses = [...results, ...extra].map(statusOf);
    all.tests += Math.max(1, statuses.length);
    all.failures += statuses.filter((status) => status === 'fail').length;
    all.errors += statuses.length === 0 ? 1 : statuses.filter((status) => status === 'unknown').length;
  }
  return all;
}

function added(one: Counts, other: Counts): Counts {
  return {
    tests: one.tests + other.tests,
    failures: one.failures + other.failures,
    errors: one.errors + other.errors,
  };
}
