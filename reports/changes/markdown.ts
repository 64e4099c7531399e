/** What changed between two runs, as GitHub-flavoured Markdown for a pull request or a step summary. */
import type { Changes } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { foldFirst } from '../fold.js';
import { show } from '../markdown/parts.js';
import { changeCounts, countsText, when } from '../standing.js';
import { accessGroups, accessText, checkGroups, historyText, sections } from './group.js';

const MOST_ITEMS = 100;
const MOST_PIECES = 12;
const MOST_SUBJECTS = 5;

/** Far below the 1 MiB GitHub takes: lists end after a hundred groups, and say so. */
export function changesMarkdown(changes: Changes): string {
  const { from, to, newHosts, vanishedHosts, hostKeys, access, droppedChecks = [] } = changes;
  const told = countsText(changeCounts(changes));
  const parts = [
    `## SSH scorecard: what changed`,
    `From ${run(from)} to ${run(to)}: **${told === '' ? 'nothing changed' : show(told)}**.`,
    ...sections(changes).flatMap(({ title, changes: all }) =>
      part(
        title,
        checkGroups(all).map((group) => {
          const subjects = group.subjects.slice(0, MOST_SUBJECTS).map((one) => show(one, 200));
          const left = group.subjects.length - subjects.length;
          const more = left > 0 ? ` and ${left} more` : '';
          const where = subjects.length === 0 ? '' : `\n  <br>Where: ${subjects.join(', ')}${more}`;
          const checks = group.checks.map((check) => `**${show(check, 100)}**`).join(', ');
          return `${checks}, ${show(historyText(group))}, ${hostList(group.hosts)}${where}`;
        }),
      ),
    ),
    ...part('Hosts', [
      ...(newHosts.length > 0 ? [`new: ${hostList(newHosts)}`] : []),
      ...(vanishedHosts.length > 0 ? [`gone: ${hostList(vanishedHosts)}`] : []),
    ]),
    ...part(
      'Host keys',
      hostKeys.map((one) => `${show(one.host, 300)}: was ${show(one.from, 100)}, is ${show(one.to, 100)}`),
    ),
    ...part(
      'Access',
      accessGroups(access).map(
        (group) => `${group.change}: ${show(accessText(group))}, ${hostList(group.hosts)}`,
      ),
    ),
    ...part(
      'Not judged any more',
      droppedChecks.map((check) => `check ${show(check, 100)}`),
    ),
  ];
  return `${parts.join('\n\n')}\n`;
}

function run({ id, now, verdict }: Changes['from']): string {
  return `${show(when(now), 60)} (${verdict}, run ${show(id, 200)})`;
}

function part(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const left = items.length - MOST_ITEMS;
  const more = left > 0 ? [`and ${left} more; the json format holds everything`] : [];
  return [
    `### ${title}\n\n${[...items.slice(0, MOST_ITEMS), ...more].map((item) => `- ${item}`).join('\n')}`,
  ];
}

function hostList(hosts: readonly string[]): string {
  const { shown, left } = foldFirst(hosts, MOST_PIECES);
  const more = left > 0 ? ` and ${left} more` : '';
  return `${plural(hosts.length, 'host')}: ${shown.map((text) => show(text, 200)).join(', ')}${more}`;
}
