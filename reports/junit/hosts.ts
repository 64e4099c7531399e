/** A suite per host with a case per check. */
import type { Builder, TestCase } from 'junit-report-builder';
import type { CheckResult, Finding, HostReport } from '../../src/model.js';
import { bounded } from '../escape.js';
import { statusOf } from '../group.js';
import { waiverText } from '../judged.js';
import { attribute, line, suiteOf } from './suites.js';

const MOST_FINDINGS = 50;

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

export function hostSuite(root: Builder, name: string, host: HostReport): void {
  const { suite, newCase } = suiteOf(root, name);
  const properties: readonly (readonly [string, string | undefined])[] = [
    ['environment', host.environment],
    ['tags', host.tags.length === 0 ? undefined : host.tags.join(', ')],
    ['inventory', `${host.at.file}:${host.at.line}`],
    ['score', `${host.score}/10`],
    ['host-key', host.connection?.hostKey?.fingerprint],
    ['evidence-sha256', host.evidenceSha256],
  ];
  for (const [key, value] of properties) if (value !== undefined) suite.property(key, attribute(value));
  if (host.collectedAt !== undefined) suite.timestamp(attribute(host.collectedAt));
  const results = [...host.results, ...host.extra];
  for (const result of results) judge(newCase(result.id), result, host);
  if (results.length === 0)
    newCase('judged').error('not judged: the run ended before this host was asked', 'not-judged');
}

export interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
}

/** What {@link hostSuite} writes of these hosts. */
export function casesOf(hosts: readonly HostReport[]): Counts {
  const all = { tests: 0, failures: 0, errors: 0 };
  for (const { results, extra } of hosts) {
    const statuses = [...results, ...extra].map(statusOf);
    all.tests += Math.max(1, statuses.length);
    all.failures += statuses.filter((status) => status === 'fail').length;
    all.errors += statuses.length === 0 ? 1 : statuses.filter((status) => status === 'unknown').length;
  }
  return all;
}
