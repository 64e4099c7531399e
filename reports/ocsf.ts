import type { FleetReport, Report, Severity } from '../src/model.js';
import { bounded, jsonDocument, terminal } from './escape.js';
import { GUIDANCE } from './group.js';
import { evidenceText, judgedRows, waiverText, whyUnknown, type Judged } from './judged.js';
import { uuid5 } from './sha1.js';

const MOST_FINDINGS = 5;

const CLASS = 2003;
const CREATE = 1;
const SEVERITY: Readonly<Record<Severity, readonly [number, string]>> = {
  critical: [5, 'Critical'],
  high: [4, 'High'],
  medium: [3, 'Medium'],
  low: [2, 'Low'],
};
const INFORMATIONAL = [1, 'Informational'] as const;
/** Of what could not be judged: it must not be filtered away as harmless. */
const UNKNOWN = [0, 'Unknown'] as const;
/** Warning is OCSF's word for a check that "did not yield a result due to missing information". */
const COMPLIANCE = { pass: [1, 'Pass'], unknown: [2, 'Warning'], fail: [3, 'Fail'] } as const;

const show = (text: string, max = 600): string => terminal(bounded(text, max));

function message(row: Judged): string {
  const { outcome } = row.result;
  const why = whyUnknown(row);
  if (why !== null) return show(`${why.reason}: ${why.detail}`, 1200);
  if (outcome.status === 'pass') return show(outcome.because);
  if (outcome.status === 'unknown') return show(outcome.detail);
  const left = outcome.findings.length - MOST_FINDINGS;
  const told = outcome.findings
    .slice(0, MOST_FINDINGS)
    .map((finding) => show(`${finding.subject}: ${finding.message}`));
  return [...told, ...(left > 0 ? [`and ${left} more findings`] : [])].join('; ');
}

/** What to do, of the first finding that says it; a pass needs nothing done. */
function remedy({ host, result: { outcome }, meta }: Judged): string | undefined {
  if (outcome.status === 'pass') return undefined;
  if (outcome.status === 'unknown') return host.failure?.hint;
  return outcome.findings.find(({ remediation }) => remediation !== undefined)?.remediation ?? meta?.fix;
}

function complianceOf(row: Judged) {
  const { meta, result } = row;
  const [id, word] = COMPLIANCE[result.outcome.status];
  const controls: readonly (readonly [string, readonly string[]])[] = Object.entries(meta?.controls ?? {});
  return {
    control: show(meta?.title ?? result.id, 300),
    standards: [
      row.part === 'guidance' ? GUIDANCE : 'Access-management directive',
      ...controls.map(([framework]) => show(framework, 100)),
    ],
    requirements: [
      ...(meta === undefined ? [] : [show(`directive section ${meta.directive}`, 100)]),
      ...controls.flatMap(([framework, all]) => all.map((one) => show(`${framework} ${one}`, 100))),
    ],
    status_id: id,
    status: word,
  };
}

/** What OCSF has no attribute for, and an auditor asks for. */
function unmapped({ host, result, status, part }: Judged) {
  const { outcome } = result;
  const evidence =
    outcome.status === 'fail'
      ? outcome.findings.slice(0, MOST_FINDINGS).flatMap((one) => one.evidence.slice(0, 2))
      : [];
  const waiver = waiverText(result);
  const key = host.connection?.hostKey?.fingerprint;
  return {
    check: show(result.id, 100),
    scorecard_status: status,
    ...(result.number === undefined ? {} : { check_number: result.number }),
    ...(part === 'guidance' ? { guidance: true } : {}),
    ...(waiver === null
      ? {}
      : { waiver: show(waiver), waiver_state: result.waiver?.expired === true ? 'expired' : 'applied' }),
    ...(result.since === undefined ? {} : { since: show(result.since, 40) }),
    ...(evidence.length === 0 ? {} : { evidence: evidence.map((one) => show(evidenceText(one), 300)) }),
    ...(host.evidenceSha256 === undefined ? {} : { evidence_sha256: show(host.evidenceSha256, 100) }),
    ...(host.collectedAt === undefined ? {} : { collected_at: show(host.collectedAt, 40) }),
    ...(key === undefined ? {} : { host_key: show(key, 100) }),
  };
}

function eventOf(row: Judged, report: FleetReport) {
  const { host, result, meta, status } = row;
  const of = { pass: INFORMATIONAL, unknown: UNKNOWN, fail: SEVERITY[meta?.severity ?? 'medium'] };
  const [severity_id, severity] = of[result.outcome.status];
  const time = Date.parse(report.run.now);
  const todo = remedy(row);
  const since = Date.parse(result.since ?? '');
  return {
    activity_id: CREATE,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: CLASS,
    class_name: 'Compliance Finding',
    type_uid: CLASS * 100 + CREATE,
    type_name: 'Compliance Finding: Create',
    time: Number.isNaN(time) ? 0 : time,
    severity_id,
    severity,
    ...(status === 'waived' ? { status_id: 3, status: 'Suppressed' } : { status_id: 1, status: 'New' }),
    message: message(row),
    metadata: {
      version: '1.5.0',
      product: { name: 'ssh-scorecard', vendor_name: 'ssh-scorecard', version: report.tool.version },
      correlation_uid: show(report.run.id, 100),
    },
    // The same check on the same host is the same finding, run after run.
    finding_info: {
      uid: uuid5('finding', host.name, result.id),
      title: show(meta?.title ?? result.id, 300),
      ...(Number.isNaN(since) ? {} : { first_seen_time: since }),
    },
    compliance: complianceOf(row),
    resources: [
      {
        uid: uuid5('host', host.name),
        name: show(host.name, 200),
        type: 'host',
        ...(host.environment === undefined ? {} : { group: { name: show(host.environment, 100) } }),
      },
    ],
    ...(todo === undefined ? {} : { remediation: { desc: show(todo) } }),
    unmapped: unmapped(row),
  };
}

/**
 * OCSF Compliance Findings (class 2003), one JSON object on each line: one for each host and check, passes
 * included, for a SIEM or a security lake. A waived failure stays a failure whose finding is suppressed.
 */
export const ocsf: Report = {
  id: 'ocsf',
  title: 'OCSF compliance findings, one JSON object a line',
  mediaType: 'application/x-ndjson',
  render: (report) => [...pieces(report)].join(''),
  pieces,
};

function* pieces(report: FleetReport): Generator<string> {
  for (const row of judgedRows(report)) yield `${jsonDocument(JSON.stringify(eventOf(row, report)))}\n`;
}
