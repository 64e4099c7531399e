/** OSCAL's datatypes, and what is said of one host: the pieces the document is made of. */
import type { CheckResult, FleetReport, HostReport } from '../../src/model.js';
import { bounded, terminal } from '../escape.js';
import { GUIDANCE } from '../group.js';
import { evidenceText, judged, waiverText, whyUnknown, type Judged } from '../judged.js';
import { uuid5 } from '../sha1.js';

/** Whose names the properties are. */
const NS = 'urn:ssh-scorecard';
const MOST_FINDINGS = 5;
const MOST_EVIDENCE = 3;

/** OSCAL's string: at least one character, no blank at either end. */
export const show = (text: string, max = 600): string => terminal(bounded(text, max)).trim() || '-';

/** OSCAL's token: a letter or an underscore, then letters, digits, dots, dashes and underscores. */
export function token(text: string): string {
  const plain = bounded(text, 100).replace(/[^\p{L}\p{N}.\-_]/gu, '_');
  return /^[\p{L}_]/u.test(plain) ? plain : `_${plain}`;
}

/** An instant in UTC; `otherwise` where the text is none that OSCAL's years (1900 to 2999) allow. */
export function instant(text: string | undefined, otherwise = '1970-01-01T00:00:00.000Z'): string {
  const time = Date.parse(text ?? '');
  const written = Number.isNaN(time) ? '' : new Date(time).toISOString();
  return /^(?:19|2\d)\d\d-/.test(written) ? written : otherwise;
}

export const property = (name: string, value: string, remarks?: string | null) => ({
  name: token(name),
  ns: NS,
  value: show(value, 300),
  ...(remarks === undefined || remarks === null ? {} : { remarks: show(remarks) }),
});

/** An array of OSCAL's is left out when it would be empty. */
export const some = <K extends string, T>(key: K, all: readonly T[]): Partial<Record<K, readonly T[]>> =>
  all.length === 0 ? {} : ({ [key]: all } as Record<K, readonly T[]>);

const hostId = (name: string): string => uuid5('host', name);
export const observationId = (report: FleetReport, name: string): string =>
  uuid5('observation', report.run.id, name);

/** A host, as the thing that is assessed. */
export function inventoryItem({ name, environment, connection, at }: HostReport) {
  const key = connection?.hostKey;
  return {
    uuid: hostId(name),
    description: show(name, 200),
    props: [
      property('inventory', `${at.file}:${at.line}`),
      ...(environment === undefined ? [] : [property('environment', environment)]),
      ...(key === undefined
        ? []
        : [property('host-key', `${key.type} ${key.fingerprint}`, `verified by ${key.verifiedBy}`)]),
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
      ...some(
        'props',
        evidence.slice(0, MOST_EVIDENCE).map((one) => property('seen', evidenceText(one))),
      ),
    })),
    ...(left > 0 ? [{ description: `${show(id, 100)}: and ${left} more findings` }] : []),
  ];
}

/** That it is not scored, since when it is so, and the waiver. */
function remarks(result: CheckResult, guidance: boolean): string | null {
  const since = result.since === undefined ? null : `since ${result.since}`;
  const said = [guidance ? GUIDANCE : null, since, waiverText(result)];
  const known = said.filter((one) => one !== null);
  return known.length === 0 ? null : known.join('; ');
}

/** The rows of each host, of every host. */
export function byHost(report: FleetReport): ReadonlyMap<HostReport, readonly Judged[]> {
  const rows = new Map<HostReport, Judged[]>(report.hosts.map((host) => [host, []]));
  for (const row of judged(report)) rows.get(row.host)?.push(row);
  return rows;
}

/** One observation for each host: a status for each check, the evidence's hash, and what is wrong. */
export function observation(report: FleetReport, host: HostReport, rows: readonly Judged[]) {
  const counts = { pass: 0, fail: 0, unknown: 0 };
  for (const { result, part } of rows) if (part !== 'guidance') counts[result.outcome.status] += 1;
  const hash = host.evidenceSha256;
  const evidence = [
    ...(hash === undefined
      ? []
      : [
          {
            description: 'The evidence collected from the host, as it was judged',
            props: [property('evidence-sha256', hash)],
          },
        ]),
    ...rows.flatMap(evidenceOf),
  ];
  return {
    uuid: observationId(report, host.name),
    title: show(host.name, 200),
    description: `${counts.pass} pass, ${counts.fail} fail, ${counts.unknown} unknown; score ${host.score}/10`,
    props: rows.map(({ result, part }) =>
      property(result.id, result.outcome.status, remarks(result, part === 'guidance')),
    ),
    methods: ['TEST'],
    subjects: [{ 'subject-uuid': hostId(host.name), type: 'inventory-item', title: show(host.name, 200) }],
    ...some('relevant-evidence', evidence),
    collected: instant(host.collectedAt, instant(report.run.now)),
  };
}
