/** What changed between two runs, for a person at a terminal. */
import type { Changes, RenderOptions } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { changeCounts, countsText, when } from '../standing.js';
import { block, heading, hostList, newPage, type Page } from '../table/page.js';
import { accessGroups, accessText, checkGroups, historyText, sections, type Section } from './group.js';

const MOST_GROUPS = 40;
const MOST_SUBJECTS = 5;

/** No line is wider than `width` (at least 40 columns). Regressions first, the count of everything last. */
export function changesTable(changes: Changes, options: RenderOptions): string {
  const page = newPage(options);
  const told = countsText(changeCounts(changes));
  const lines = [
    ...runLine(page, 'from  ', changes.from),
    ...runLine(page, 'to    ', changes.to),
    ...sections(changes).flatMap((section) => sectionLines(page, section)),
    ...hostLines(page, changes),
    ...hostKeyLines(page, changes),
    ...accessLines(page, changes),
    ...dropped(page, changes),
    '',
    ...block(page, told === '' ? 'nothing changed' : told, { paint: page.paint.strong }),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function runLine(page: Page, label: string, { id, now, verdict }: Changes['from']): readonly string[] {
  return block(page, page.show(`${when(now)}  ${verdict.toUpperCase()}  ${id}`), { label });
}

function sectionLines(page: Page, { title, status, changes }: Section): readonly string[] {
  const groups = checkGroups(changes);
  if (groups.length === 0) return [];
  const hosts = new Set(changes.map(({ host }) => host)).size;
  const all = groups.map((group) => {
    const shown = group.subjects
      .slice(0, page.verbose ? 50 : MOST_SUBJECTS)
      .map((one) => page.show(one, 200));
    const left = group.subjects.length - shown.length;
    const fresh = group.from === 'fail' ? 'new: ' : '';
    return [
      ...block(page, page.show(`${group.checks.join(', ')}  ${historyText(group)}`), {
        indent: 2,
        paint: page.paint[status],
      }),
      ...block(page, hostList(page, group.hosts, 0), { indent: 6 }),
      ...(shown.length === 0
        ? []
        : block(page, `${fresh}${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}`, { indent: 6 })),
    ];
  });
  return [
    ...heading(page, title.toUpperCase(), `${plural(changes.length, 'result')} on ${plural(hosts, 'host')}`),
    ...cut(page, all),
  ];
}

/** As many as a person reads; the rest is counted. */
function cut(page: Page, groups: readonly (readonly string[])[]): readonly string[] {
  const shown = page.verbose ? groups : groups.slice(0, MOST_GROUPS);
  const left = groups.length - shown.length;
  return [
    ...shown.flat(),
    ...(left > 0 ? block(page, `${page.ellipsis} and ${left} more, use -v or -f json`, { indent: 2 }) : []),
  ];
}

function hostLines(page: Page, { newHosts, vanishedHosts }: Changes): readonly string[] {
  if (newHosts.length + vanishedHosts.length === 0) return [];
  const line = (label: string, hosts: readonly string[]): readonly string[] =>
    hosts.length === 0 ? [] : block(page, hostList(page, hosts, 0), { indent: 2, label });
  return [
    ...heading(page, 'HOSTS', 'of the inventory'),
    ...line('new   ', newHosts),
    ...line('gone  ', vanishedHosts),
  ];
}

function hostKeyLines(page: Page, { hostKeys }: Changes): readonly string[] {
  if (hostKeys.length === 0) return [];
  const all = hostKeys.map(({ host, from, to }) => [
    ...block(page, page.show(host, 300), { indent: 2, paint: page.paint.unknown }),
    ...block(page, page.show(from, 100), { indent: 6, label: 'was ' }),
    ...block(page, page.show(to, 100), { indent: 6, label: 'is  ' }),
  ]);
  const rest = `${plural(hostKeys.length, 'host')}; reinstalled, or somebody between`;
  return [...heading(page, 'HOST KEYS', rest), ...cut(page, all)];
}

function accessLines(page: Page, { access }: Changes): readonly string[] {
  if (access.length === 0) return [];
  const all = accessGroups(access).map((group) => [
    ...block(page, page.show(accessText(group)), {
      indent: 2,
      label: group.change === 'added' ? '+ ' : '- ',
      paint: group.change === 'added' ? page.paint.unknown : page.paint.faint,
    }),
    ...block(page, hostList(page, group.hosts, 0), { indent: 6 }),
  ]);
  return [...heading(page, 'ACCESS', 'keys and principals that open accounts'), ...cut(page, all)];
}

function dropped(page: Page, { droppedChecks = [] }: Changes): readonly string[] {
  if (droppedChecks.length === 0) return [];
  return [
    ...heading(page, 'NOT JUDGED', 'checks of the older run that the newer one left out'),
    ...block(page, page.show(droppedChecks.join(', ')), { indent: 2, paint: page.paint.unknown }),
  ];
}
