/** What the page shows of each host and how much of it, decided once for all sections. */
import type { CheckMeta, CheckResult, FleetReport, HostReport } from '../../src/model.js';
import { html as escaped } from '../escape.js';
import { partOf, statusOf, type Part, type Status } from '../group.js';
import { sortedHosts } from '../judged.js';
import { utf8Length } from '../utf8.js';
import { cut } from './text.js';

/** Rows of the heat map. A larger fleet shows the hosts that are not complete, up to this many. */
export const MOST_ROWS = 1000;
/** Hosts with a section of their own, and the room all of them may take. Bytes of markup. */
export const MOST_DETAILS = 1000;
const MOST_DETAIL_BYTES = 2_400_000;
/** Findings of one check shown for one host. */
export const MOST_FINDINGS = 20;
/** Evidence excerpts shown for one finding. */
export const MOST_EXCERPTS = 5;
const MOST_PLUGINS = 20;

/** What a cell says. `none`: the check was not judged on this host. */
export type Cell = Status | 'none';

export interface Column {
  readonly id: string;
  readonly meta: CheckMeta | undefined;
  /** Position among all columns: part of element ids. */
  readonly index: number;
  /** The first of its group: of the ten, of the plug-ins, or of the guidance. */
  readonly first: boolean;
}

export interface Row {
  readonly host: HostReport;
  /** Element id of the host's section. Never made of host text. */
  readonly id: string;
  /** By column: the ten, then plug-ins, then guidance. */
  readonly cells: readonly (CheckResult | undefined)[];
  /** Every judged check passes, the selected ones of the ten as well as plug-ins; whatever the guidance says. */
  readonly clean: boolean;
}

export interface View {
  /** Hosts sorted by name. */
  readonly report: FleetReport;
  readonly ten: readonly Column[];
  readonly plugins: readonly Column[];
  readonly guidance: readonly Column[];
  readonly rows: readonly Row[];
  /** Rows of the heat map. */
  readonly listed: readonly Row[];
  /** Rows with a section of their own, the ones with something to do first. */
  readonly detailed: readonly Row[];
  /** Ids of the detailed rows. */
  readonly anchors: ReadonlySet<string>;
}

export function cellOf(result: CheckResult | undefined): Cell {
  return result === undefined ? 'none' : statusOf(result);
}

function columns(report: FleetReport): Pick<View, 'ten' | 'plugins' | 'guidance'> {
  const metas = new Map(report.checks.map((meta) => [meta.id, meta]));
  const idsOf = (part: Part) => report.checks.filter((meta) => partOf(meta) === part).map(({ id }) => id);
  const extra = new Set(idsOf('extra'));
  for (const host of report.hosts) for (const { id } of host.extra) extra.add(id);
  let next = 0;
  const group = (ids: readonly string[]): readonly Column[] =>
    ids.map((id, at) => ({ id, meta: metas.get(id), index: next++, first: at === 0 }));
  return {
    ten: group(idsOf('results')),
    plugins: group([...extra].slice(0, MOST_PLUGINS)),
    guidance: group(idsOf('guidance')),
  };
}

/** Results line up with the columns in nearly every report; where they do not, they are looked for. */
function aligned(
  results: readonly CheckResult[],
  columns: readonly Column[],
): readonly (CheckResult | undefined)[] {
  return columns.map(({ id }, index) =>
    results[index]?.id === id ? results[index] : results.find((result) => result.id === id),
  );
}

/** Bytes these texts take once cut and escaped, each with the tags around it. */
function bytesOf(texts: readonly (string | undefined)[]): number {
  return texts.reduce((sum, text) => sum + (text === undefined ? 0 : utf8Length(escaped(cut(text))) + 60), 0);
}

/** As many of `items` as fit: at most `most`, and their texts at most `bytes` long. */
export function fitting<T>(
  items: readonly T[],
  most: number,
  bytes: number,
  textsOf: (item: T) => readonly (string | undefined)[],
): readonly T[] {
  let size = 0;
  const end = items.slice(0, most).findIndex((item) => (size += bytesOf(textsOf(item))) > bytes);
  return items.slice(0, end === -1 ? most : end);
}

/** The host was not reached, and all this result says is that. */
export function isLost({ host, cells }: Row, { index }: Column): boolean {
  const outcome = cells[index]?.outcome;
  return host.failure !== undefined && outcome?.status === 'unknown' && outcome.reason === 'unreachable';
}

/** Everything a host's section says. Empty texts stand for the tags that are there in any case. */
function textsOf({ host, cells }: Row): readonly (string | undefined)[] {
  const { connection, failure } = host;
  const frame = Array.from({ length: 20 }, () => '');
  const said = cells.flatMap((result) => {
    if (result === undefined) return [];
    const { outcome, waiver } = result;
    const more = [
      ...(outcome.notes ?? []).slice(0, MOST_EXCERPTS),
      waiver?.owner,
      waiver?.approver,
      waiver?.reason,
    ];
    if (outcome.status === 'pass') return [result.id];
    if (outcome.status === 'unknown') {
      if (outcome.reason === 'unreachable' && failure !== undefined) return [];
      const read = (outcome.evidence ?? []).slice(0, MOST_EXCERPTS);
      const texts = read.flatMap(({ probe, path, excerpt }) => [probe, path, excerpt]);
      return [
        '',
        '',
        '',
        result.id,
        outcome.detail,
        ...(outcome.missing ?? []).slice(0, MOST_FINDINGS),
        ...texts,
        ...more,
      ];
    }
    const findings = outcome.findings.slice(0, MOST_FINDINGS).flatMap((finding) => {
      const { subject, message, remediation, at } = finding;
      const read = finding.evidence.slice(0, MOST_EXCERPTS);
      const texts = read.flatMap(({ probe, path, excerpt }) => [probe, path, excerpt]);
      return ['', '', subject, message, remediation, at?.path, ...texts];
    });
    return ['', '', '', result.id, ...findings, ...more];
  });
  return [
    ...frame,
    host.name,
    host.environment,
    host.at.file,
    ...host.tags.slice(0, 20),
    failure?.detail,
    failure?.hint,
    connection?.address,
    connection?.route.join(),
    connection?.hostKey?.verifiedBy,
    connection?.authenticatedBy,
    ...said,
  ];
}

/** Hosts with something to do first, then the all-pass ones. */
function withDetails(rows: readonly Row[]): readonly Row[] {
  const wanted = [...rows.filter(({ clean }) => !clean), ...rows.filter(({ clean }) => clean)];
  return fitting(wanted, MOST_DETAILS, MOST_DETAIL_BYTES, textsOf);
}

/** Hosts sorted by name, results put under their columns, and the caps applied. */
export function viewOf(given: FleetReport): View {
  const report = { ...given, hosts: sortedHosts(given) };
  const { ten, plugins, guidance } = columns(report);
  const rows = report.hosts.map((host, index): Row => {
    const judged = [...aligned(host.results, ten), ...aligned(host.extra, plugins)];
    const clean = host.failure === undefined && judged.every((result) => result?.outcome.status === 'pass');
    const cells = [...judged, ...aligned(host.guidance, guidance)];
    return { host, id: `h${index + 1}`, cells, clean };
  });
  const open = rows.filter(({ clean }) => !clean);
  const listed = rows.length <= MOST_ROWS ? rows : open.slice(0, MOST_ROWS);
  const detailed = withDetails(rows);
  return {
    report,
    ten,
    plugins,
    guidance,
    rows,
    listed,
    detailed,
    anchors: new Set(detailed.map(({ id }) => id)),
  };
}
