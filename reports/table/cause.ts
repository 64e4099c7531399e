/** One cause, one gap: the paragraphs the sections are made of. */
import type { AppliedWaiver, EvidenceRef, UnknownReason } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { decisive, type Cause, type Gap, type Ground, type Unreached } from '../group.js';
import { when } from '../standing.js';
import { block, hostList, type Page, type Paint } from './page.js';

const MOST_SUBJECTS = 5;

/** What to do when a fact is missing; a failed connection brings its own hint. */
const REMEDY: Readonly<Record<UnknownReason, string>> = {
  'missing-tool': 'install the missing program on the host, then run again',
  denied: "let the auditor's account run the collector as root (sudo -n), then run again",
  failed: 'run the failing command on the host by hand, mend it, then run again',
  truncated: 'mend what cut the reading short, then run again',
  'not-collected': 'gather again; the saved evidence does not hold this',
  'not-configured': 'name the source in the inventory, then run again',
  'missing-source': 'name the source in the inventory, then run again',
  unreachable: 'make the host reachable, then run again',
  'no-evidence': 'wait until there is something to judge, or provide it',
  disagreement: 'two sources contradict each other; find out which is right before trusting either',
  unsupported: 'judge this by hand; the tool does not know this form',
  'check-crashed': 'a defect of ssh-scorecard: report it with this message',
};

/** `/etc/ssh/sshd_config:12` */
function place(path: string, line: number | undefined): string {
  return line === undefined ? path : `${path}:${line}`;
}

/** `/etc/ssh/sshd_config:12: PasswordAuthentication yes` */
function seen(page: Page, { probe, path, line, excerpt }: EvidenceRef): string {
  const where = page.show(place(path ?? probe, line), 200);
  return excerpt === undefined ? where : `${where}: ${page.show(excerpt, 300)}`;
}

const MOST_PLACES = 3;
const SEEN = 'seen     ';

/** One piece of evidence, one with a line if there is one; with -v all of it. */
function evidenceLines(
  page: Page,
  evidence: readonly EvidenceRef[],
  host: string | undefined,
): readonly string[] {
  const best = decisive(evidence);
  const shown = page.verbose ? evidence : best === undefined ? [] : [best];
  const on = host === undefined ? '' : `${page.show(host, 100)} `;
  return shown.flatMap((ref, index) =>
    block(page, on + seen(page, ref), { indent: 4, label: index === 0 ? SEEN : ' '.repeat(SEEN.length) }),
  );
}

/**
 * Where a cause was seen: `38 hosts /etc/ssh/sshd_config.d/50-cloud-init.conf:1: …`, most hosts first; with -v also
 * everything that was seen on one of the hosts.
 */
function placeLines(page: Page, { seen: places, hosts, example }: Cause): readonly string[] {
  const all = page.verbose
    ? evidenceLines(page, example.evidence, hosts.size > 1 ? example.host : undefined)
    : [];
  if (page.verbose && places.length < 2) return all;
  const left = places.length - MOST_PLACES;
  const lines = places.slice(0, MOST_PLACES).flatMap((one, index) => {
    const on = one.hosts === hosts.size ? '' : `${plural(one.hosts, 'host')} `;
    const label = index === 0 ? SEEN : ' '.repeat(SEEN.length);
    return block(page, on + seen(page, one.evidence), { indent: 4, label });
  });
  const more = `and in ${left} more places`.replace(/ 1 more places$/, ' 1 more place');
  return [...lines, ...(left > 0 ? block(page, more, { indent: 13, paint: page.paint.faint }) : []), ...all];
}

/** What to do, the line people look for. */
function remedy(page: Page, text: string): readonly string[] {
  return block(page, text, { indent: 4, label: 'do       ', labelPaint: page.paint.strong });
}

export interface CauseStyle {
  readonly label: string;
  readonly paint: Paint;
  /** Hosts in the report. */
  readonly total: number;
}

export function causeLines(page: Page, cause: Cause, { label, paint, total }: CauseStyle): readonly string[] {
  const { message, example, fix, waiver, check, number, severity, since } = cause;
  const [subjects, hosts] = [[...cause.subjects], [...cause.hosts]];
  const { at, evidence } = example;
  const where = at === undefined ? undefined : place(at.path, at.line);
  const told = [message, ...evidence.map(({ probe, path, line }) => place(path ?? probe, line))];
  const isTold = (text: string): boolean => told.some((one) => one.includes(text));
  const named = subjects.length === 1 && isTold(subjects[0] ?? '') ? [] : subjects;
  const left = named.length - MOST_SUBJECTS;
  const what = named
    .slice(0, MOST_SUBJECTS)
    .map((subject) => page.show(subject, 120))
    .join(', ');
  const title = `${page.show(check)}${number === undefined ? '' : ` (check ${number})`}, ${severity}, ${hostList(page, hosts, total)}${since === undefined ? '' : `, since ${page.show(since.slice(0, 10))}`}`;
  return [
    ...block(page, title, { label, paint }),
    ...block(page, page.show(message), { indent: 4 }),
    ...(what === ''
      ? []
      : block(page, what + (left > 0 ? ` and ${left} more` : ''), { indent: 4, label: 'subject  ' })),
    ...(where === undefined || isTold(where)
      ? []
      : block(page, page.show(where, 200), { indent: 4, label: 'where    ' })),
    ...placeLines(page, cause),
    ...(waiver === undefined
      ? []
      : block(page, page.show(waiverText(waiver)), { indent: 4, label: 'waiver   ' })),
    ...(fix === undefined || waiver?.expired === false ? [] : remedy(page, page.show(fix))),
  ];
}

function waiverText({ expired, expires, approver, owner, reason }: AppliedWaiver): string {
  return `${expired ? 'EXPIRED' : 'until'} ${when(expires)}, approved by ${approver}, owner ${owner}: ${reason}`;
}

export function gapLines(page: Page, gap: Gap, total: number): readonly string[] {
  const { reason, detail, missing, checks, hosts } = gap;
  const title = `${reason}, check${checks.length === 1 ? '' : 's'} ${page.show(checks.join(' '))}, ${hostList(page, hosts, total)}`;
  return [
    ...block(page, title, { label: '  ? ', paint: page.paint.unknown }),
    ...block(page, page.show(detail), { indent: 4 }),
    ...missing.flatMap((one) => block(page, page.show(one), { indent: 4, label: '- ' })),
    ...remedy(page, REMEDY[reason]),
  ];
}

export function unreachedLines(
  page: Page,
  { cut, code, hint, hosts, example }: Unreached,
  total: number,
): readonly string[] {
  const title = `${cut ? 'cut short' : 'not reached'}: ${code}, ${hostList(page, hosts, total)}`;
  const on = hosts.length > 1 ? `${example.host}: ` : '';
  return [
    ...block(page, title, { label: '  ? ', paint: page.paint.unknown }),
    ...block(page, page.show(on + example.failure.detail), { indent: 4 }),
    ...(hint === undefined ? [] : remedy(page, page.show(hint))),
  ];
}

export function groundLines(
  page: Page,
  { check, number, because, hosts, evidence, notes }: Ground,
  total: number,
): readonly string[] {
  const title = `${page.show(check)}${number === undefined ? '' : ` (check ${number})`}, ${hostList(page, hosts, total)}`;
  return [
    ...block(page, title, { indent: 2, paint: page.paint.pass }),
    ...block(page, page.show(because), { indent: 4 }),
    ...evidenceLines(page, evidence, hosts.length > 1 ? hosts[0] : undefined),
    ...notes.flatMap((note) => block(page, page.show(note), { indent: 4, label: 'note     ' })),
  ];
}
