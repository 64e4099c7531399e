import type { CheckMeta, Condition, FleetReport, HostReport, Report } from '../src/model.js';
import { bounded, jsonDocument, terminal } from './escape.js';
import { countsOf, statusOf, type Part } from './group.js';
import { evidenceText, judged, sortedHosts, waiverText, whyUnknown, type Judged } from './judged.js';
import { uuid5 } from './sha1.js';
import { uriOf } from './uri.js';

/** Whose names the properties are. */
const NS = 'urn:ssh-scorecard';
const MOST_FINDINGS = 5;
const MOST_EVIDENCE = 3;

/** OSCAL's string: at least one character, no blank at either end. */
const show = (text: string, max = 600): string => terminal(bounded(text, max)).trim() || '-';

/** OSCAL's token: a letter or an underscore, then letters, digits, dots, dashes and underscores. */
function token(text: string): string {
  const plain = bounded(text, 100).replace(/[^\p{L}\p{N}.\-_]/gu, '_');
  return /^[\p{L}_]/u.test(plain) ? plain : `_${plain}`;
}

/** An instant in UTC; `otherwise` where the text is none that OSCAL's years (1900 to 2999) allow. */
function instant(text: string | undefined, otherwise = '1970-01-01T00:00:00.000Z'): string {
  const time = Date.parse(text ?? '');
  const written = Number.isNaN(time) ? '' : new Date(time).toISOString();
  return /^(?:19|2\d)\d\d-/.test(written) ? written : otherwise;
}

const property = (name: string, value: string, remarks?: string | null) => ({
  name: token(name),
  ns: NS,
  value: show(value, 300),
  ...(remarks === undefined || remarks === null ? {} : { remarks: show(remarks) }),
});

/** An array of OSCAL's is left out when it would be empty. */
const some = <K extends string, T>(key: K, all: readonly T[]): Partial<Record<K, readonly T[]>> =>
  all.length === 0 ? {} : ({ [key]: all } as Record<K, readonly T[]>);

const hostId = (name: string): string => uuid5('host', name);
const observationId = (report: FleetReport, name: string): string => uuid5('observation', report.run.id, name);

function inventoryItem({ name, environment, connection, at }: HostReport) {
  const key = connection?.hostKey;
  return {
    uuid: hostId(name),
    description: show(name, 200),
    props: [
      property('inventory', `${at.file}:${at.line}`),
      ...(environment === undefined ? [] : [property('environment', environment)]),
      ...(key === undefined ? [] : [property('host-key', `${key.type} ${key.fingerprint}`, `verified by ${key.verifiedBy}`)]),
    ],
  };
}

/** What was seen, in a sentence or two for each finding. */
function evidenceOf(row: Judged) {
  const { outcome, id } = row.result;
  const why = whyUnknown(row);
  if (why !== null) return [{ description: show(`${id}: unknown, ${why.reason}: ${why.detail}`, 1000) }];
  if (outcome.status !== 'fail') return [];
  const left = outcome.findings.length - MOST_FINDINGS;
  return [
    ...outcome.findings.slice(0, MOST_FINDINGS).map(({ subject, message, evidence }) => ({
      description: show(`${id}: ${subject}: ${message}`, 1000),
      ...some('props', evidence.slice(0, MOST_EVIDENCE).map((one) => property('seen', evidenceText(one)))),
    })),
    ...(left > 0 ? [{ description: `${show(id, 100)}: and ${left} more findings` }] : []),
  ];
}

function byHost(report: FleetReport): ReadonlyMap<HostReport, readonly Judged[]> {
  const rows = new Map<HostReport, Judged[]>(report.hosts.map((host) => [host, []]));
  for (const row of judged(report)) rows.get(row.host)?.push(row);
  return rows;
}

/** One observation for each host: a status for each check, the evidence's hash, and what is wrong. */
function observation(report: FleetReport, host: HostReport, rows: readonly Judged[]) {
  const counts = { pass: 0, fail: 0, unknown: 0 };
  for (const { result } of rows) counts[result.outcome.status] += 1;
  const hash = host.evidenceSha256;
  const evidence = [
    ...(hash === undefined ? [] : [{ description: 'The evidence collected from the host, as it was judged', props: [property('evidence-sha256', hash)] }]),
    ...rows.flatMap(evidenceOf),
  ];
  return {
    uuid: observationId(report, host.name),
    title: show(host.name, 200),
    description: `${counts.pass} pass, ${counts.fail} fail, ${counts.unknown} unknown; score ${host.score}/10`,
    props: rows.map(({ result }) => property(result.id, result.outcome.status, waiverText(result))),
    methods: ['TEST'],
    subjects: [{ 'subject-uuid': hostId(host.name), type: 'inventory-item', title: show(host.name, 200) }],
    ...some('relevant-evidence', evidence),
    collected: instant(host.collectedAt, instant(report.run.now)),
  };
}

/** One finding for each check over the fleet: satisfied only when every host passes, and there is one. */
function finding(report: FleetReport, { id, number, title, why, fix, severity, directive }: CheckMeta) {
  const part: Part = number === undefined ? 'extra' : 'results';
  const { pass, fail, unknown, waived } = countsOf(report, id, part);
  const satisfied = pass > 0 && fail + unknown + waived === 0;
  const reason = satisfied ? 'pass' : fail + waived > 0 ? 'fail' : 'other';
  const concerned = sortedHosts(report).filter((host) => {
    const result = host[part].find((one) => one.id === id);
    return satisfied || result === undefined || statusOf(result) !== 'pass';
  });
  return {
    uuid: uuid5('finding', report.run.id, id),
    title: show(title, 300),
    description: `${pass} hosts pass, ${fail} fail, ${waived} fail under a waiver, ${unknown} are unknown`,
    props: [property('severity', severity), property('directive-section', directive)],
    target: { type: 'objective-id', 'target-id': token(id), title: show(title, 300), status: { state: satisfied ? 'satisfied' : 'not-satisfied', reason } },
    ...some('related-observations', concerned.map(({ name }) => ({ 'observation-uuid': observationId(report, name) }))),
    ...(satisfied ? {} : { remarks: show(`${why} Do: ${fix}`, 1200) }),
  };
}

function conditionFinding(report: FleetReport, { id, title, state, because, provide }: Condition) {
  const reason = { met: 'pass', 'not-met': 'fail', unproven: 'other' } as const;
  return {
    uuid: uuid5('condition', report.run.id, id),
    title: show(title, 300),
    description: show(because),
    target: { type: 'objective-id', 'target-id': token(`closure-${id}`), status: { state: state === 'met' ? 'satisfied' : 'not-satisfied', reason: reason[state] } },
    ...(provide === undefined ? {} : { remarks: show(`To provide: ${provide}`) }),
  };
}

/** `AC-2(3)` -> `ac-2.3`, as the NIST catalogue names it; all controls where no check names one. */
function controls(report: FleetReport) {
  const named = report.checks.flatMap((meta) => meta.controls['NIST 800-53 r5'] ?? []);
  const ids = [...new Set(named.map((one) => token(one.toLowerCase().replace(/\((\d+)\)/g, '.$1'))))].sort();
  if (ids.length === 0) return { 'control-selections': [{ 'include-all': {} }] };
  return { 'control-selections': [{ 'include-controls': ids.map((id) => ({ 'control-id': id })) }] };
}

/**
 * OSCAL assessment results 1.0.6, for governance tools. UUIDs are version 5 of what they name, dates are the
 * run's: the same report gives the same document. Unknown is never satisfied.
 */
export const oscal: Report = {
  id: 'oscal',
  title: 'OSCAL assessment results, for governance tools',
  mediaType: 'application/oscal+json',
  render(report: FleetReport): string {
    const { run, tool, closure } = report;
    const hosts = sortedHosts(report);
    const rows = byHost(report);
    const inventory = uuid5('inventory', run.inventory.sha256);
    const findings = [...report.checks.map((meta) => finding(report, meta)), ...closure.conditions.map((one) => conditionFinding(report, one))];
    const result = {
      uuid: uuid5('result', run.id, run.now),
      title: show(`${tool.name} ${run.id}`, 200),
      description: show(`${closure.verdict}: ${closure.because}`),
      start: instant(run.startedAt),
      end: instant(run.finishedAt),
      props: [property('verdict', closure.verdict), property('partial', String(run.partial)), property('judged-at', run.now)],
      ...(hosts.length === 0 ? {} : { 'local-definitions': { 'inventory-items': hosts.map(inventoryItem) } }),
      'reviewed-controls': controls(report),
      ...some('observations', hosts.map((host) => observation(report, host, rows.get(host) ?? []))),
      ...some('findings', findings),
      ...(report.warnings.length === 0 ? {} : { remarks: show(report.warnings.join('; '), 5000) }),
    };
    const document = {
      'assessment-results': {
        uuid: uuid5('document', run.id, run.now, tool.version, run.inventory.sha256, JSON.stringify([report.totals, closure])),
        metadata: { title: 'SSH access scorecard', 'last-modified': instant(run.finishedAt), version: show(tool.version, 40), 'oscal-version': '1.0.6' },
        'import-ap': { href: `#${inventory}` },
        results: [result],
        'back-matter': {
          resources: [
            {
              uuid: inventory,
              title: 'The inventory: which hosts were to be assessed, and what each must be',
              rlinks: [{ href: uriOf(run.inventory.path), hashes: [{ algorithm: 'SHA-256', value: show(run.inventory.sha256, 100) }] }],
            },
          ],
        },
      },
    };
    return `${jsonDocument(JSON.stringify(document, null, 2))}\n`;
  },
};
