/** SARIF results: a finding or an unknown each, at the line of the inventory that names the host. */
import type { CheckResult, FleetReport, HostReport, Severity } from '../../src/model.js';
import { bounded, terminal } from '../escape.js';
import type { Status } from '../group.js';
import { evidenceText, judged, waiverText, whyUnknown, type Judged } from '../judged.js';
import { sha1 } from '../sha1.js';
import { uriOf } from '../uri.js';

/** Of one check on one host, so that one host cannot crowd out the others. */
const MOST_FINDINGS = 20;
/** The rule of hosts that could not be asked at all: one result instead of one for each check. */
export const REACHED = 'host-reached';

/** By the check's severity. */
export const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};
const RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };
const FIRST: Readonly<Record<Status, number>> = { fail: 0, waived: 1, unknown: 2, pass: 3 };

/** Visible, and free of what SARIF takes for a link or a placeholder (sections 3.11.5 and 3.11.6). */
export function show(text: string, max = 1000): string {
  return terminal(bounded(text, max))
    .replaceAll('](', ']\\u0028')
    .replace(/\{(?=\d)/g, '\\u007b');
}

function locationsOf({ at, name }: HostReport) {
  return [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(at.file) },
        region: { startLine: Math.max(1, at.line) },
      },
      logicalLocations: [{ name: show(name, 200), kind: 'resource' }],
    },
  ];
}

interface Draft {
  readonly rule: string;
  readonly host: HostReport;
  readonly text: string;
  /** What stays the same between runs. */
  readonly stable: readonly string[];
  readonly order: number;
  readonly judgement: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

function draftsOf(row: Judged): readonly Draft[] {
  const { host, result, status } = row;
  const severity = row.meta?.severity ?? 'medium';
  const guidance = row.part === 'guidance';
  // What is not scored comes last, and never as an error that stops a merge.
  const order = FIRST[status] * 10 + RANK[severity] + (guidance ? 100 : 0);
  const base = { rule: result.id, host, order };
  const since = result.since === undefined ? {} : { since: show(result.since, 40) };
  const why = whyUnknown(row);
  if (why !== null) {
    const text = `${host.name}: unknown, ${why.reason}: ${why.detail}`;
    return [
      {
        ...base,
        text,
        stable: [why.reason],
        judgement: { kind: 'review', level: 'none' },
        properties: { status, reason: why.reason, ...since },
      },
    ];
  }
  const { outcome } = result;
  if (outcome.status !== 'fail') return [];
  const left = outcome.findings.length - MOST_FINDINGS;
  const waiver = waiverText(result);
  const accepted = status === 'waived' ? waiver : null;
  const expired = status === 'waived' || waiver === null ? {} : { waiver: show(waiver) };
  const suppressions =
    accepted === null
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: show(accepted) }] };
  return outcome.findings
    .slice(0, MOST_FINDINGS)
    .map(({ subject, message, evidence, remediation }, index) => {
      const more = left > 0 && index === MOST_FINDINGS - 1 ? ` (and ${left} more findings)` : '';
      const todo = remediation ?? row.meta?.fix;
      return {
        ...base,
        text: `${bounded(`${host.name}: ${subject}: ${message}`, 700)}${more}${todo === undefined ? '' : ` Do: ${bounded(todo, 250)}`}`,
        stable: [subject],
        judgement: { kind: 'fail', level: guidance ? 'note' : LEVEL[severity], ...suppressions },
        properties: {
          status,
          ...since,
          ...expired,
          evidence: evidence.slice(0, 5).map((one) => show(evidenceText(one), 400)),
        },
      };
    });
}

/** One result for a host that said nothing; its checks would only repeat it. */
function silentDraft(host: HostReport): Draft {
  const [code, detail] = [
    host.failure?.code ?? 'not-judged',
    host.failure?.detail ?? 'the run ended before this host was asked',
  ];
  const hint = host.failure?.hint === undefined ? '' : ` Do: ${bounded(host.failure.hint, 250)}`;
  const text = `${host.name}: not reached, so every check is unknown: ${code}: ${bounded(detail, 600)}${hint}`;
  return {
    rule: REACHED,
    host,
    text,
    stable: [],
    order: FIRST.unknown * 10,
    judgement: { kind: 'review', level: 'none' },
    properties: { status: 'unknown', reason: code },
  };
}

const isUnreached = ({ outcome }: CheckResult): boolean =>
  outcome.status === 'unknown' && outcome.reason === 'unreachable';

function drafts(report: FleetReport): readonly Draft[] {
  const silent = new Set(
    report.hosts.filter((host) => [...host.results, ...host.extra, ...host.guidance].every(isUnreached)),
  );
  const seen = new Set<HostReport>();
  const all = judged(report).flatMap((row) => {
    if (!silent.has(row.host)) return draftsOf(row);
    if (seen.has(row.host)) return [];
    seen.add(row.host);
    return [silentDraft(row.host)];
  });
  return all.sort((a, b) => a.order - b.order);
}

/**
 * At most `most` results, the most severe first, with their fingerprints: check, host and subject, counted where
 * all three are equal. `left` says how many more there are.
 */
export function resultsOf(
  report: FleetReport,
  rules: readonly { readonly id: string }[],
  most: number,
): { readonly results: readonly unknown[]; readonly left: number } {
  const all = drafts(report);
  const times = new Map<string, number>();
  const indices = new Map(rules.map(({ id }, index) => [id, index]));
  const results = all.slice(0, most).map(({ rule, host, text, stable, judgement, properties }) => {
    const key = JSON.stringify([rule, host.name, ...stable]);
    const time = (times.get(key) ?? 0) + 1;
    times.set(key, time);
    const ruleIndex = indices.get(rule);
    return {
      ruleId: rule,
      ...(ruleIndex === undefined ? {} : { ruleIndex }),
      ...judgement,
      message: { text: show(text, 1200) },
      locations: locationsOf(host),
      partialFingerprints: { 'sshScorecard/v1': sha1(`${key} ${time}`) },
      properties: { host: show(host.name, 200), ...properties },
    };
  });
  return { results, left: all.length - results.length };
}
