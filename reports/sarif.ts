import type { CheckMeta, FleetReport, HostReport, Report, Severity } from '../src/model.js';
import { bounded, jsonDocument, terminal } from './escape.js';
import { isSilent, type Status } from './group.js';
import { evidenceText, judged, waiverText, whyUnknown, type Judged } from './judged.js';
import { sha1 } from './sha1.js';
import { uriOf } from './uri.js';

/** GitHub shows the first 5,000 results of a file. */
export const MOST_RESULTS = 5000;
/** Of one check on one host, so that one host cannot crowd out the others. */
const MOST_FINDINGS = 20;
/** GitHub takes no more tags of a rule. */
const MOST_TAGS = 20;
/** The rule of hosts that could not be asked at all: one result instead of one for each check. */
const REACHED = 'host-reached';

const LEVEL: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = { critical: 'error', high: 'error', medium: 'warning', low: 'note' };
/** The bands GitHub sorts by: over 9.0 critical, over 7.0 high, over 4.0 medium. */
const SCORE: Readonly<Record<Severity, string>> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };
const RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };
const FIRST: Readonly<Record<Status, number>> = { fail: 0, waived: 1, unknown: 2, pass: 3 };

/** Visible, and free of what SARIF takes for a link or a placeholder (sections 3.11.5 and 3.11.6). */
function show(text: string, max = 1000): string {
  return terminal(bounded(text, max)).replaceAll('](', ']\\u0028').replace(/\{(?=\d)/g, '\\u007b');
}

function ruleOf({ id, number, title, why, fix, severity, category, controls }: CheckMeta) {
  const tags = Object.entries(controls).flatMap(([framework, all]) => all.map((control) => `${framework} ${control}`));
  return {
    id,
    name: id.split('-').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(''),
    shortDescription: { text: show(title) },
    fullDescription: { text: show(why) },
    help: { text: show(fix) },
    defaultConfiguration: { level: LEVEL[severity] },
    properties: { tags: [...new Set(['security', show(category), ...tags.map((tag) => show(tag))])].slice(0, MOST_TAGS), 'security-severity': SCORE[severity], ...(number === undefined ? {} : { number }) },
  };
}

function locationsOf({ at, name }: HostReport) {
  return [
    {
      physicalLocation: { artifactLocation: { uri: uriOf(at.file) }, region: { startLine: Math.max(1, at.line) } },
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
  const base = { rule: result.id, host, order: FIRST[status] * 10 + RANK[severity] };
  const why = whyUnknown(row);
  if (why !== null) {
    const text = `${host.name}: unknown, ${why.reason}: ${why.detail}`;
    return [{ ...base, text, stable: [why.reason], judgement: { kind: 'review', level: 'none' }, properties: { status, reason: why.reason } }];
  }
  const { outcome } = result;
  if (outcome.status !== 'fail') return [];
  const left = outcome.findings.length - MOST_FINDINGS;
  const accepted = status === 'waived' ? waiverText(result) : null;
  const suppressions = accepted === null ? {} : { suppressions: [{ kind: 'external', status: 'accepted', justification: show(accepted) }] };
  return outcome.findings.slice(0, MOST_FINDINGS).map(({ subject, message, evidence, remediation }, index) => {
    const more = left > 0 && index === MOST_FINDINGS - 1 ? ` (and ${left} more findings)` : '';
    const todo = remediation ?? row.meta?.fix;
    return {
      ...base,
      text: `${bounded(`${host.name}: ${subject}: ${message}`, 700)}${more}${todo === undefined ? '' : ` Do: ${bounded(todo, 250)}`}`,
      stable: [subject],
      judgement: { kind: 'fail', level: LEVEL[severity], ...suppressions },
      properties: { status, evidence: evidence.slice(0, 5).map((one) => show(evidenceText(one), 400)) },
    };
  });
}

/** One result for a host that said nothing; its checks would only repeat it. */
function silentDraft(host: HostReport): Draft {
  const [code, detail] = [host.failure?.code ?? 'not-judged', host.failure?.detail ?? 'the run ended before this host was asked'];
  const hint = host.failure?.hint === undefined ? '' : ` Do: ${bounded(host.failure.hint, 250)}`;
  const text = `${host.name}: not reached, so every check is unknown: ${code}: ${bounded(detail, 600)}${hint}`;
  return { rule: REACHED, host, text, stable: [], order: FIRST.unknown * 10, judgement: { kind: 'review', level: 'none' }, properties: { status: 'unknown', reason: code } };
}

function drafts(report: FleetReport): readonly Draft[] {
  const silent = new Set(report.hosts.filter((host) => isSilent(host)));
  const seen = new Set<HostReport>();
  const all = judged(report).flatMap((row) => {
    if (!silent.has(row.host)) return draftsOf(row);
    if (seen.has(row.host)) return [];
    seen.add(row.host);
    return [silentDraft(row.host)];
  });
  return all.sort((a, b) => a.order - b.order);
}

/** Results with their fingerprints: check, host and subject, counted where all three are equal. */
function resultsOf(report: FleetReport, rules: readonly { readonly id: string }[]): readonly unknown[] {
  const times = new Map<string, number>();
  const indices = new Map(rules.map(({ id }, index) => [id, index]));
  return drafts(report).map(({ rule, host, text, stable, judgement, properties }) => {
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
}

/**
 * SARIF 2.1.0 for code scanning: failures at the line of the inventory that names the host, waived ones
 * suppressed, unknowns to be reviewed, passes left out. At most 5,000 results, the most severe first;
 * a notification says how many were left out.
 */
export const sarif: Report = {
  id: 'sarif',
  title: 'SARIF 2.1.0, for code scanning',
  mediaType: 'application/sarif+json',
  render(report: FleetReport): string {
    const reached = { id: REACHED, name: 'HostReached', shortDescription: { text: 'Every host of the inventory answers' }, defaultConfiguration: { level: 'none' } };
    const rules = [...report.checks.map(ruleOf), reached];
    const results = resultsOf(report, rules);
    const left = results.length - MOST_RESULTS;
    const { run, tool, closure } = report;
    const notes = [
      `verdict ${closure.verdict}: ${closure.because}`,
      ...(left > 0 ? [`${left} further results are left out, the least severe; the json and csv formats hold everything`] : []),
      ...report.warnings,
    ];
    const invocation = {
      executionSuccessful: !run.partial,
      ...(Number.isNaN(Date.parse(run.startedAt)) ? {} : { startTimeUtc: new Date(run.startedAt).toISOString() }),
      ...(Number.isNaN(Date.parse(run.finishedAt)) ? {} : { endTimeUtc: new Date(run.finishedAt).toISOString() }),
      toolExecutionNotifications: notes.map((text, index) => ({ level: index === 0 ? 'note' : 'warning', message: { text: show(text) } })),
    };
    const log = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [{ tool: { driver: { name: tool.name, version: tool.version, rules } }, invocations: [invocation], results: results.slice(0, MOST_RESULTS) }],
    };
    return `${jsonDocument(JSON.stringify(log, null, 2))}\n`;
  },
};
