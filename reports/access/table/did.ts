/** Who did, and why they were let in. */
import type { AccessReport, Session } from '../../../src/access/types.js';
import { plural } from '../../../src/plural.js';
import { block, heading, hostList, type Page } from '../../table/page.js';
import {
  allLogins,
  APPROVALS,
  certificateShare,
  exceptions,
  groupDoors,
  groupUses,
  METHODS,
  sessionText,
  useText,
} from '../text.js';
import { same, some } from './some.js';

export function did(page: Page, report: AccessReport): readonly string[] {
  const { shares, uses, unused, strangers } = report;
  const share = certificateShare(report);
  const methods = (['certificate', 'static-key', 'emergency-key', 'password', 'other'] as const)
    .filter((method) => shares[method] > 0)
    .map((method) => `${shares[method]} by ${METHODS[method]}`);
  return [
    ...heading(
      page,
      'WHO DID',
      share === null
        ? 'no logins in the window'
        : `${plural(allLogins(shares), 'login')}, ${share}% by certificate`,
    ),
    ...(methods.length > 0 ? block(page, methods.join(', '), { indent: 2 }) : []),
    ...(shares.untrusted > 0
      ? block(
          page,
          `${plural(shares.untrusted, 'line')} in the name of sshd that another program wrote: not counted`,
          { indent: 2, paint: page.paint.unknown },
        )
      : []),
    ...some(
      page,
      groupUses(uses),
      (one) => [
        ...block(page, page.show(useText(one), 900), {
          indent: 2,
          paint: one.use.known ? same : page.paint.fail,
          label: one.use.known ? '' : 'not known: ',
        }),
        ...block(page, hostList(page, one.hosts, report.hosts.length), {
          indent: 4,
          paint: page.paint.faint,
        }),
      ],
      'identities',
    ),
    ...(strangers.length > 0
      ? block(
          page,
          `${plural(strangers.length, 'row')} of identities that neither the inventory nor the CA knows`,
          { indent: 2, paint: page.paint.fail },
        )
      : []),
    ...uncovered(page, report),
    ...(unused.length > 0
      ? heading(
          page,
          'NEVER USED',
          `${plural(unused.length, 'way')} in that no login of the window took: candidates to remove`,
        )
      : []),
    ...some(
      page,
      groupDoors(unused),
      ({ door, accounts, hosts }) =>
        block(
          page,
          `${page.show(`${door.who} -> ${accounts}`, 200)}: ${hostList(page, hosts, report.hosts.length)}`,
          { indent: 2 },
        ),
      'ways',
    ),
  ];
}

export function why(page: Page, report: AccessReport): readonly string[] {
  const { approvals, sessions } = report;
  const odd = exceptions(report);
  const rest = !approvals.configured
    ? 'no source of approvals is configured (sources.approvals)'
    : `${plural(approvals.total, 'approval')} in the window`;
  const states = (Object.keys(APPROVALS) as Session['approval'][])
    .map((state) => [APPROVALS[state], sessions.filter(({ approval }) => approval === state).length] as const)
    .filter(([, number]) => number > 0)
    .map(([text, number]) => `${number} ${text}`);
  return [
    ...heading(page, 'WHY', rest),
    ...(approvals.problem === ''
      ? []
      : block(page, page.show(approvals.problem), { indent: 2, paint: page.paint.unknown })),
    ...(approvals.configured && states.length > 0 ? block(page, states.join(', '), { indent: 2 }) : []),
    ...some(
      page,
      odd,
      (one) =>
        block(page, page.show([sessionText(one), one.why, one.ticket].filter(Boolean).join('; ')), {
          indent: 2,
          label: one.breakGlass ? 'BREAK GLASS ' : `${APPROVALS[one.approval]}: `,
          labelPaint: page.paint.fail,
        }),
      'logins',
    ),
    ...(approvals.unused.length > 0
      ? block(page, page.show(`approved and never used: ${approvals.unused.slice(0, 20).join(', ')}`), {
          indent: 2,
          paint: page.paint.faint,
        })
      : []),
  ];
}

/** Nothing is called unused where the log cannot tell. */
function uncovered(page: Page, { hosts }: AccessReport): readonly string[] {
  const names = hosts.filter(({ whole }) => !whole).map(({ name }) => name);
  if (names.length === 0) return [];
  const text = `no way in is called unused where the log does not cover the window whole: ${hostList(page, names, hosts.length)}`;
  return block(page, text, { indent: 2, paint: page.paint.unknown });
}
