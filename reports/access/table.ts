/** The access report for a person at a terminal: the four questions in order. */
import type { AccessReport } from '../../src/access/types.js';
import type { RenderOptions } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { block, heading, hostList, newPage, type Page } from '../table/page.js';
import { changed, unknown } from './table/changed.js';
import { did, why } from './table/did.js';
import { same, some } from './table/some.js';
import { doorText, groupDoors, usesText } from './text.js';

/** No line is wider than `width` (at least 40 columns). */
export function accessTable(report: AccessReport, options: RenderOptions): string {
  const page = newPage(options);
  const lines = [
    ...opening(page, report),
    ...may(page, report),
    ...loss(page, report),
    ...did(page, report),
    ...why(page, report),
    ...changed(page, report),
    ...unknown(page, report),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function opening(
  page: Page,
  { run, window, question, hosts, pseudonymised }: AccessReport,
): readonly string[] {
  const asked = [
    question.as === undefined ? '' : `as ${question.as}`,
    question.to === undefined ? '' : `to ${question.to}`,
    question.without === undefined ? '' : `without ${question.without}`,
  ].filter(Boolean);
  const words = [
    `run ${run}`,
    plural(hosts.length, 'host'),
    `${window.from.slice(0, 10)} to ${window.to.slice(0, 10)}`,
    ...asked,
    ...(pseudonymised ? ['pseudonymised'] : []),
  ];
  return block(page, page.show(words.join(', ')), { label: 'ACCESS  ', labelPaint: page.paint.strong });
}

function may(page: Page, { doors, hosts }: AccessReport): readonly string[] {
  const groups = groupDoors(doors);
  return [
    ...heading(page, 'WHO MAY', `${plural(doors.length, 'way')} in`),
    ...some(
      page,
      groups,
      ({ door, accounts, hosts: on, uses }) => [
        ...block(page, page.show(doorText({ door, accounts }), 900), {
          indent: 2,
          paint: door.kind === 'certificate' ? same : page.paint.unknown,
        }),
        ...block(page, `${hostList(page, on, hosts.length)}; ${usesText(uses)}`, {
          indent: 4,
          paint: page.paint.faint,
        }),
      ],
      'ways',
    ),
  ];
}

function loss(page: Page, { lost, question }: AccessReport): readonly string[] {
  if (!lost) return [];
  return [
    ...heading(page, 'WITHOUT IT', page.show(question.without ?? '', 100)),
    ...block(
      page,
      `${plural(lost.doors.length, 'way')} in would close, which ${plural(lost.logins, 'login')} of the window used`,
      { indent: 2 },
    ),
    ...block(page, `${plural(lost.closedAccounts.length, 'account')} nobody could enter any more`, {
      indent: 2,
    }),
    ...some(
      page,
      lost.closedAccounts,
      ({ host, account }) =>
        block(page, page.show(`${account} on ${host}`), { indent: 4, paint: page.paint.fail }),
      'accounts',
    ),
  ];
}
