/** The report row by row: one row for each host and check, in the same words for every format made of rows. */
import type { CheckMeta, CheckResult, EvidenceRef, FleetReport, HostReport } from '../src/model.js';
import { statusOf, type Part, type Status } from './group.js';

export interface Judged {
  readonly host: HostReport;
  readonly result: CheckResult;
  readonly meta: CheckMeta | undefined;
  readonly status: Status;
  readonly part: Part;
}

/** Code unit order, the same on every machine whatever its locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The hosts by name. */
export function sortedHosts(report: FleetReport): readonly HostReport[] {
  return [...report.hosts].sort((a, b) => byCodeUnit(a.name, b.name));
}

/** What a host without any result is shown as: it was not judged, and must not vanish for that. */
const NOT_JUDGED: CheckResult = {
  id: 'judged',
  outcome: {
    status: 'unknown',
    reason: 'no-evidence',
    detail: 'not judged: the run ended before this host was asked',
  },
};

const PARTS: readonly Part[] = ['results', 'extra', 'guidance'];

/** Every result of every host, hosts by name: the scorecard's in its order, plug-ins, guidance. */
export function judged(report: FleetReport): readonly Judged[] {
  return [...judgedRows(report)];
}

/** The same, row by row. */
export function* judgedRows(report: FleetReport): Generator<Judged> {
  const metas = new Map(report.checks.map((meta) => [meta.id, meta]));
  for (const host of sortedHosts(report)) {
    const parts = PARTS.map((part) => [part, host[part]] as const);
    const empty = parts.every(([, all]) => all.length === 0);
    for (const [part, all] of empty ? ([['results', [NOT_JUDGED]]] as const) : parts)
      for (const result of all)
        yield { host, result, meta: metas.get(result.id), status: statusOf(result), part };
  }
}

/** Hosts of which nothing is known and nothing says why: the run ended before they were asked. */
export function unasked(report: FleetReport): readonly string[] {
  return sortedHosts(report)
    .filter(
      ({ results, extra, guidance, failure }) =>
        results.length + extra.length + guidance.length === 0 && failure === undefined,
    )
    .map(({ name }) => name);
}

/** Why it is unknown: the connection's own code and words where the host was not reached. */
export function whyUnknown({
  host,
  result: { outcome },
}: Judged): { readonly reason: string; readonly detail: string } | null {
  if (outcome.status !== 'unknown') return null;
  const failure = outcome.reason === 'unreachable' ? host.failure : undefined;
  const detail = [
    failure?.detail ?? outcome.detail,
    ...(outcome.missing ?? []).map((one) => `missing: ${one}`),
  ].join('; ');
  return { reason: failure?.code ?? outcome.reason, detail };
}

/** `until … by …, owner …: reason`, or null without a waiver. */
export function waiverText({ waiver }: CheckResult): string | null {
  if (waiver === undefined) return null;
  const { expired, expires, approver, owner, reason } = waiver;
  return `${expired ? 'expired' : 'until'} ${expires} by ${approver}, owner ${owner}: ${reason}`;
}

/** `sshd-T: /etc/ssh/sshd_config: 12: PasswordAuthentication yes` */
export function evidenceText({ probe, path, line, excerpt }: EvidenceRef): string {
  return [probe, path, line, excerpt].filter((part) => part !== undefined).join(': ');
}
