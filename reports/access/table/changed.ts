/** What changed, and what nobody can know. */
import type { AccessReport, Session } from '../../../src/access/types.js';
import { block, heading, hostList, type Page } from '../../table/page.js';
import { auditingText, sessionText } from '../text.js';
import { same, some } from './some.js';

export function changed(page: Page, report: AccessReport): readonly string[] {
  const { sessions, loose, reprovision, hosts } = report;
  const altered = sessions.filter(({ effect }) => effect === 'altered');
  const number = (effect: Session['effect']) => sessions.filter((one) => one.effect === effect).length;
  return [
    ...heading(
      page,
      'WHAT CHANGED',
      `${number('altered')} sessions altered something, ${number('read-only')} were read-only, of ${number('not-known')} it cannot be known`,
    ),
    ...block(page, page.show(auditingText(report)), {
      indent: 2,
      paint: hosts.every(({ auditing }) => auditing === 'on') ? same : page.paint.unknown,
    }),
    ...(reprovision.length > 0
      ? block(
          page,
          `re-provision, because they are stateless and were altered: ${hostList(page, reprovision, Infinity)}`,
          { indent: 2, paint: page.paint.fail },
        )
      : []),
    ...some(page, altered, (one) => sessionLines(page, one), 'sessions'),
    ...some(
      page,
      loose,
      ({ host, at, text, because }) =>
        block(page, page.show(`${at} ${host}: ${text}; ${because}`), {
          indent: 2,
          paint: page.paint.unknown,
        }),
      'changes',
    ),
  ];
}

function sessionLines(page: Page, one: Session): readonly string[] {
  const shown = page.verbose
    ? one.commands
    : one.commands.filter(({ alters }) => alters.length > 0).slice(0, 10);
  const left = one.commands.length + one.moreCommands - shown.length;
  return [
    ...block(page, page.show(`${sessionText(one)}: ${one.because}`), { indent: 2 }),
    ...shown.flatMap(({ text, as, alters, refused }) =>
      block(page, page.show(`${text}${refused === undefined ? '' : ` (refused: ${refused})`}`, 300), {
        indent: 4,
        label: `as ${page.show(as, 40)}${alters.length > 0 ? ` [${alters.join(', ')}]` : ''}: `,
      }),
    ),
    ...(one.packages.length > 0
      ? block(page, page.show(one.packages.slice(0, 10).join(', ')), { indent: 4, label: 'packages: ' })
      : []),
    ...(left > 0 ? block(page, `and ${left} other commands`, { indent: 4, paint: page.paint.faint }) : []),
  ];
}

/** What this report cannot say, host by host, is part of what it says. */
export function unknown(page: Page, { hosts }: AccessReport): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { name, gaps } of hosts)
    for (const gap of gaps) groups.set(gap, [...(groups.get(gap) ?? []), name]);
  if (groups.size === 0) return [];
  return [
    ...heading(page, 'NOT KNOWN', 'what could not be read'),
    ...some(
      page,
      [...groups],
      ([gap, names]) =>
        block(page, `${page.show(gap)}: ${hostList(page, names, hosts.length)}`, { indent: 2 }),
      'gaps',
    ),
  ];
}
