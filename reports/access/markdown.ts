/** The access report for a pull request or a ticket. */
import type { AccessReport } from '../../src/access/types.js';
import { show } from '../markdown/parts.js';
import { foldHosts } from '../fold.js';
import {
  allLogins,
  APPROVALS,
  auditingText,
  certificateShare,
  exceptions,
  groupDoors,
  groupUses,
  KINDS,
  METHODS,
  sessionText,
  sudoText,
  usesText,
} from './text.js';

/** GitHub cuts a comment at 65,536 characters. */
const MOST = 60;

export function accessMarkdown(report: AccessReport): string {
  const { doors, uses, sessions, unused, loose, reprovision, lost, window, approvals, shares, question } =
    report;
  const share = certificateShare(report);
  const altered = sessions.filter(({ effect }) => effect === 'altered');
  const parts = [
    `## Access, ${show(window.from.slice(0, 10))} to ${show(window.to.slice(0, 10))}`,
    `${report.hosts.length} hosts, ${allLogins(shares)} logins${share === null ? '' : `, ${share}% by certificate`}${shares['emergency-key'] > 0 ? `, **${shares['emergency-key']} by emergency key**` : ''}.`,
    '### Who may',
    table(
      ['by', 'who', 'account', 'rights', 'hosts', 'use'],
      groupDoors(doors).map(({ door, accounts, hosts, uses: used }) => [KINDS[door.kind], door.who, accounts, door.kind === 'other-ca' ? '' : sudoText(door.sudo), names(hosts), usesText(used)]),
    ),
    ...(lost
      ? [
          `### Without ${show(question.without ?? '')}`,
          `${lost.doors.length} ways in would close, which ${lost.logins} logins used. Accounts nobody could enter any more: ${lost.closedAccounts.length === 0 ? 'none' : show(lost.closedAccounts.map(({ host, account }) => `${account} on ${host}`).join(', '), 2000)}.`,
        ]
      : []),
    '### Who did',
    table(
      ['identity', 'account', 'hosts', 'by', 'logins', 'last', 'known'],
      groupUses(uses).map(({ use, hosts, count, last }) => [use.identity, use.account, names(hosts), METHODS[use.method], String(count), last, use.known ? 'yes' : '**no**']),
      [6],
    ),
    ...(unused.length > 0
      ? ['### Never used', table(['by', 'who', 'account', 'hosts'], groupDoors(unused).map(({ door, accounts, hosts }) => [KINDS[door.kind], door.who, accounts, names(hosts)]))]
      : []),
    '### Why',
    approvals.configured ? `${approvals.total} approvals in the window.${approvals.problem === '' ? '' : ` ${show(approvals.problem)}`}` : 'No source of approvals is configured.',
    ...list(exceptions(report).map((one) => `**${one.breakGlass ? 'break glass' : APPROVALS[one.approval]}** ${show([sessionText(one), one.why, one.ticket].filter(Boolean).join('; '))}`)),
    '### What changed',
    `${altered.length} sessions altered something; ${sessions.filter(({ effect }) => effect === 'read-only').length} were read-only; of ${sessions.filter(({ effect }) => effect === 'not-known').length} it cannot be known. ${show(auditingText(report))}.`,
    ...(reprovision.length > 0 ? [`**Re-provision:** ${show(names(reprovision), 2000)}`] : []),
    ...list([
      ...altered.map((one) => `**altered** ${show(`${sessionText(one)}: ${one.because}: ${one.commands.filter(({ alters }) => alters.length > 0).map(({ text }) => text).join('; ')}`, 800)}`),
      ...loose.map((one) => `**change** ${show(`${one.at} ${one.host}: ${one.text}; ${one.because}`)}`),
    ]),
  ]; // prettier-ignore
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function names(hosts: readonly string[]): string {
  return foldHosts(hosts).map(({ text }) => text).join(', '); // prettier-ignore
}

/** @param plain columns whose text is ours and holds marks. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  plain: readonly number[] = [],
): string {
  if (rows.length === 0) return 'None.';
  const shown = rows
    .slice(0, MOST)
    .map(
      (row) =>
        `| ${row.map((cell, index) => (plain.includes(index) ? cell : show(cell, 200))).join(' | ')} |`,
    );
  const left = rows.length - shown.length;
  return [
    `| ${head.join(' | ')} |`,
    `| ${head.map(() => '---').join(' | ')} |`,
    ...shown,
    ...(left > 0 ? [`\nand ${left} more`] : []),
  ].join('\n');
}

function list(items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const left = items.length - MOST;
  return [
    [...items.slice(0, MOST), ...(left > 0 ? [`and ${left} more`] : [])]
      .map((text) => `- ${text}`)
      .join('\n'),
  ];
}
