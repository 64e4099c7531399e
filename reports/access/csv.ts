/** The access report for a spreadsheet: one table, `section` tells doors, uses, sessions, commands and changes apart. */
import type { AccessReport } from '../../src/access/types.js';
import { bounded, csvCell } from '../escape.js';
import { APPROVALS, KINDS, METHODS, sudoText, usesText } from './text.js';

const COLUMNS = [
  'section', 'host', 'account', 'identity', 'method', 'rights', 'first', 'last', 'count', 'from', 'state', 'detail', 'ticket', 'at',
] as const; // prettier-ignore

type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

/** A spreadsheet's cell holds 32,767 characters; what cannot be shown takes up to ten each. */
const MOST_POINTS = 3000;

/** RFC 4180, UTF-8 without a byte order mark. Every cell is quoted and none is a formula. */
export function accessCsv(report: AccessReport): string {
  const rows: readonly Row[] = [
    ...report.hosts.map((host): Row => ({
      section: 'host',
      host: host.name,
      first: host.coversFrom ?? '',
      last: host.coversTo ?? '',
      state: `auditing ${host.auditing}`,
      detail: [host.auditingBecause, ...host.gaps].join(' | '),
    })),
    ...report.doors.map((door): Row => ({
      section: report.unused.includes(door) ? 'may (never used)' : 'may',
      host: door.host,
      account: door.account,
      identity: door.who,
      method: KINDS[door.kind],
      rights: sudoText(door.sudo),
      count: door.uses === null ? '' : String(door.uses),
      state: usesText(door.uses),
      detail: [
        door.note ?? '',
        door.roles && door.roles.length > 0 ? `roles ${door.roles.join(', ')}` : '',
        door.holders.length > 0 ? `held by ${door.holders.join(', ')}` : '',
      ].filter(Boolean).join(' | '),
      at: door.at,
    })), // prettier-ignore
    ...report.uses.map((use): Row => ({
      section: 'did',
      host: use.host,
      account: use.account,
      identity: use.identity,
      method: METHODS[use.method],
      first: use.first,
      last: use.last,
      count: String(use.count),
      from: use.from.join(', '),
      state: use.known ? 'known' : 'not known',
      detail: use.principals.join(', '),
    })),
    ...report.sessions.flatMap((one): Row[] => {
      const shared = { host: one.host, account: one.account, identity: one.identity };
      return [
        {
          ...shared,
          section: one.breakGlass ? 'session (break glass)' : 'session',
          method: METHODS[one.method],
          first: one.at,
          last: one.until ?? '',
          from: one.from,
          state: `${APPROVALS[one.approval]}; ${one.effect}`,
          detail: [one.why, one.because, ...one.packages].filter(Boolean).join(' | '),
          ticket: one.ticket,
        },
        ...one.commands.map((command): Row => ({
          ...shared,
          section: 'command',
          method: command.by,
          rights: command.as,
          first: command.at,
          state: command.refused === undefined ? command.alters.join(', ') : `refused: ${command.refused}`,
          detail: command.text,
        })),
      ];
    }),
    ...report.loose.map((one): Row => ({
      section: 'change',
      host: one.host,
      first: one.at,
      state: one.because,
      detail: one.text,
    })),
    ...report.reprovision.map((host): Row => ({ section: 're-provision', host })),
  ];
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => row[column] ?? ''))]
    .map((cells) => `${cells.map((cell) => csvCell(bounded(cell, MOST_POINTS))).join(',')}\r\n`)
    .join('');
}
