import type { FleetReport, RenderOptions, Report } from '../src/model.js';
import { bounded, csvCell } from './escape.js';
import { GUIDANCE, STATUSES } from './group.js';
import { evidenceText, judgedRows, waiverText, whyUnknown, type Judged } from './judged.js';

const COLUMNS = [
  'host',
  'environment',
  'check',
  'id',
  'title',
  'status',
  'waiver_state',
  'since',
  'reason',
  'subject',
  'message',
  'evidence',
  'remediation',
  'collected_at',
  'host_key',
  'evidence_sha256',
  'part',
] as const;

/** A spreadsheet's cell holds 32,767 characters; what cannot be shown takes up to ten each (`\u{e0041}`). */
const MOST_POINTS = 3000;
const MOST_FINDINGS = 50;

/** What a row counts for: guidance is never scored, nor are plug-ins. */
const PART = { results: 'scorecard', extra: 'plug-in', guidance: GUIDANCE } as const;

type Row = Readonly<Record<(typeof COLUMNS)[number], string>>;
type Told = Pick<Row, 'reason' | 'subject' | 'message' | 'evidence' | 'remediation'>;

/** Several texts in one cell, equal ones once. */
function joined(texts: readonly (string | undefined)[], left = 0): string {
  const all = [...new Set(texts.filter((text) => text !== undefined))];
  return [...all, ...(left > 0 ? [`and ${left} more`] : [])].join(' | ');
}

function told(row: Judged): Told {
  const { outcome } = row.result;
  const waiver = waiverText(row.result) ?? '';
  if (outcome.status === 'fail') {
    const shown = outcome.findings.slice(0, MOST_FINDINGS);
    const left = outcome.findings.length - shown.length;
    return {
      reason: waiver,
      subject: joined(
        shown.map(({ subject }) => subject),
        left,
      ),
      message: joined(
        shown.map(({ message }) => message),
        left,
      ),
      evidence: joined(shown.flatMap(({ evidence }) => evidence.slice(0, MOST_FINDINGS).map(evidenceText))),
      remediation: joined(
        shown.map(({ remediation }) => remediation ?? row.meta?.fix),
        left,
      ),
    };
  }
  const evidence = joined((outcome.evidence ?? []).slice(0, MOST_FINDINGS).map(evidenceText));
  const why = whyUnknown(row);
  if (why === null)
    return {
      reason: '',
      subject: '',
      message: outcome.status === 'pass' ? outcome.because : '',
      evidence,
      remediation: '',
    };
  return {
    reason: why.reason,
    subject: '',
    message: why.detail,
    evidence,
    remediation: row.host.failure?.hint ?? '',
  };
}

function rowOf(row: Judged): Row {
  const { host, result, meta } = row;
  return {
    host: host.name,
    environment: host.environment ?? '',
    check: result.number === undefined ? '' : String(result.number),
    id: result.id,
    title: meta?.title ?? '',
    status: result.outcome.status,
    waiver_state: result.waiver === undefined ? '' : result.waiver.expired ? 'expired' : 'applied',
    since: result.since ?? '',
    ...told(row),
    collected_at: host.collectedAt ?? '',
    host_key: host.connection?.hostKey?.fingerprint ?? '',
    evidence_sha256: host.evidenceSha256 ?? '',
    part: PART[row.part],
  };
}

const lineOf = (cells: readonly string[]): string =>
  `${cells.map((cell) => csvCell(bounded(cell, MOST_POINTS))).join(',')}\r\n`;

/**
 * RFC 4180, UTF-8 without a byte order mark: a heading, then one row for each host and check, scorecard first,
 * then plug-ins, then guidance. Every cell is quoted and none is a formula. Several findings of one row are parted by ` | `.
 */
export const csv: Report = {
  id: 'csv',
  title: 'CSV, one row for each host and check',
  mediaType: 'text/csv',
  render: (report, options) => [...pieces(report, options)].join(''),
  pieces,
};

function* pieces(report: FleetReport, { statuses = STATUSES }: RenderOptions): Generator<string> {
  yield lineOf(COLUMNS);
  for (const row of judgedRows(report)) {
    if (!statuses.includes(row.status)) continue;
    const cells = rowOf(row);
    yield lineOf(COLUMNS.map((column) => cells[column]));
  }
}
