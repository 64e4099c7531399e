/**
 * Names of people replaced by pseudonyms that stay the same as long as the key does: HMAC-SHA-256 (RFC 2104) over the
 * kind of name and the name, the first 48 bits. Whoever has the key can test a guess; nobody can without it.
 */
import { createHmac } from 'node:crypto';
import { program } from './fields.js';
import type { AccessReport, Door, RunCommand, Session, Use } from './types.js';

const KEPT_ACCOUNTS = new Set(['root', '*']);

/** @param key at least 16 bytes; the caller sees to it. */
export function pseudonymised(report: AccessReport, key: Uint8Array): AccessReport {
  const of = (kind: 'id' | 'user' | 'addr', name: string): string => {
    if (name === '') return '';
    return `${kind}-${createHmac('sha256', key).update(`${kind}\0${name}`).digest('hex').slice(0, 12)}`;
  };
  const account = (name: string): string => (KEPT_ACCOUNTS.has(name) ? name : of('user', name));
  const people = new Set([...report.uses, ...report.sessions].map(({ identity }) => identity));
  const who = ({ kind, who: name }: Pick<Door, 'kind' | 'who'>, own: string): string => {
    if (kind === 'remote-agent' || kind === 'other-server' || kind === 'password') return name;
    if (name === own) return account(name);
    return kind === 'certificate' && !people.has(name) ? name : of('id', name);
  };
  const door = (one: Door): Door => {
    const { note: _, ...rest } = one;
    return {
      ...rest,
      who: who(one, one.account),
      account: account(one.account),
      // A path holds names of accounts.
      at: '',
      holders: one.holders.map((name) => of('id', name)).sort(),
      sudo: { ...one.sudo, commands: one.sudo.commands.map(program), from: [] },
    };
  };
  const use = (one: Use): Use => ({
    ...one,
    account: account(one.account),
    identity: of('id', one.identity),
    from: one.from.map((address) => of('addr', address)).sort(),
    principals: one.principals.map((name) => (people.has(name) ? of('id', name) : name)),
  });
  // Of a command only its program: arguments hold names and paths of people.
  const command = ({ text, as, ...rest }: RunCommand): RunCommand => ({
    ...rest,
    text: program(text),
    as: as.startsWith('uid ') ? of('user', as) : account(as),
  });
  const session = (one: Session): Session => ({
    ...one,
    account: account(one.account),
    identity: of('id', one.identity),
    from: of('addr', one.from),
    // Reasons are free text; the ticket leads to them for whoever may read it.
    why: '',
    commands: one.commands.map(command),
  });
  const { as, without, ...rest } = report.question;
  return {
    ...report,
    pseudonymised: true,
    question: {
      ...rest,
      ...(as !== undefined && { as: of('id', as) }),
      ...(without !== undefined && { without }),
    },
    hosts: report.hosts.map((host) => ({
      ...host,
      gaps: host.gaps.length > 0 ? [`${host.gaps.length} gaps, not shown here`] : [],
    })),
    doors: report.doors.map(door),
    uses: report.uses.map(use),
    sessions: report.sessions.map(session),
    loose: report.loose.map((one) => ({ ...one, text: 'a change', because: 'no single session to name' })),
    unused: report.unused.map(door),
    strangers: report.strangers.map(use),
    approvals: {
      ...report.approvals,
      problem: report.approvals.problem === '' ? '' : 'not whole',
      unused: report.approvals.unused.map((text) => of('id', text)),
    },
    ...(report.lost && {
      lost: {
        ...report.lost,
        doors: report.lost.doors.map(door),
        closedAccounts: report.lost.closedAccounts.map((one) => ({ ...one, account: account(one.account) })),
      },
    }),
    warnings: report.warnings.length > 0 ? [`${report.warnings.length} warnings, not shown here`] : [],
  };
}
