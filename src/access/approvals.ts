/** Why: each login against the approvals that were given. */
import type { Approval } from '../facts/types.js';
import { compileHostGlob } from '../inventory/glob.js';
import type { Reading } from '../model.js';
import { minuteText } from '../when.js';
import type { KnownLogin } from './logins.js';
import type { ApprovalState } from './types.js';

export interface Verdict {
  readonly state: ApprovalState;
  readonly why: string;
  readonly ticket: string;
  /** The approval that was used. */
  readonly approval?: Approval;
}

export interface ApprovalContext {
  readonly approvals: Reading<readonly Approval[]>;
  readonly ticketPattern: string | undefined;
}

/** Teleport names nodes so. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Best first: one good approval is enough, whatever else was asked. */
const RANK: readonly ApprovalState[] = ['approved', 'self-approved', 'outside', 'not-approved'];

/** Whether somebody else let this identity onto this host at that time. Machines need no approval per login. */
export function approvalOf(
  { identity, actor, login, issuance }: KnownLogin,
  host: string,
  { approvals, ticketPattern }: ApprovalContext,
): Verdict {
  const inKeyId = login.certificate ? ticketIn(login.certificate.keyId, ticketPattern) : '';
  if (!approvals.ok) {
    const why =
      approvals.reason === 'not-configured' ? 'no source of approvals is configured' : approvals.detail;
    return { state: 'not-asked', why, ticket: inKeyId };
  }
  if (actor === 'agt' || actor === 'atm')
    return {
      state: 'not-asked',
      why: 'agents and automations are approved by role, not by login',
      ticket: inKeyId,
    };
  const held = issuance?.principals ?? null;
  const mine = approvals.value.filter((one) => isRequester(one.requester, identity));
  const judged = mine
    .filter((one) => one.hosts.length === 0 || one.hosts.some((glob) => compileHostGlob(glob)(host)))
    .flatMap((approval) => {
      const fits = fitsPrincipals(approval, login.account, held);
      return fits === false ? [] : [{ approval, ...stateOf(approval, login.at, fits) }];
    })
    .sort(
      (a, b) =>
        RANK.indexOf(a.state) - RANK.indexOf(b.state) ||
        distance(a.approval, login.at) - distance(b.approval, login.at),
    );
  const [best] = judged;
  if (!best) {
    const byId = mine.some(({ hosts }) => hosts.some((name) => UUID.test(name)));
    const why = byId
      ? 'an approval names hosts by IDs that the inventory does not know, and none names this host'
      : 'no approval names this identity and host';
    return { state: 'not-approved', why, ticket: inKeyId };
  }
  const { approval, state, why } = best;
  const reason = [approval.ticket, approval.reason].filter(Boolean).join(': ');
  return {
    state,
    why: [why, reason].filter(Boolean).join('; '),
    ticket: approval.ticket || inKeyId,
    ...(state === 'approved' && { approval }),
  };
}

/** Null: the approval is for some principals, and nothing tells which ones the certificate held. */
function fitsPrincipals(
  { principals }: Approval,
  account: string,
  held: readonly string[] | null,
): boolean | null {
  if (principals.length === 0 || principals.includes(account)) return true;
  return held && principals.some((name) => held.includes(name));
}

function stateOf(
  one: Approval,
  at: number,
  fits: true | null,
): { readonly state: ApprovalState; readonly why: string } {
  if (one.state !== 'approved')
    return {
      state: 'not-approved',
      why: one.state === 'denied' ? 'the request was denied' : 'the request was never approved',
    };
  const others = one.approvers.filter((name) => !samePerson(name, one.requester));
  if (one.approvers.length === 0) return { state: 'not-approved', why: 'the approval names no approver' };
  if (at < one.from || at >= one.until)
    return {
      state: 'outside',
      why: `the approval holds from ${minuteText(one.from)} until ${minuteText(one.until)}`,
    };
  if (fits === null)
    return {
      state: 'not-approved',
      why: `the approval is for ${one.principals.join(', ')}, and the principals of the certificate are not known`,
    };
  return others.length === 0
    ? { state: 'self-approved', why: 'approved by the one who asked' }
    : { state: 'approved', why: `approved by ${others.join(', ')}` };
}

/** `adm-bernd`, `bernd` and `bernd@example.com` are one person. */
export function samePerson(one: string, other: string): boolean {
  return personOf(one) === personOf(other);
}

function isRequester(requester: string, identity: string): boolean {
  return requester === identity || samePerson(requester, identity);
}

/** The ticket may follow the name in a key ID: `adm-bernd/OPS-12`, `adm-bernd OPS-12`. */
function personOf(name: string): string {
  const [first = ''] = name
    .trim()
    .toLowerCase()
    .split(/[\s/:,;]/, 1);
  return (first.split('@', 1)[0] ?? '').replace(/^adm-/, '');
}

function ticketIn(keyId: string, pattern: string | undefined): string {
  if (pattern === undefined) return '';
  return new RegExp(pattern).exec(keyId.slice(0, 200))?.[0] ?? '';
}

function distance({ from, until }: Approval, at: number): number {
  return at < from ? from - at : at >= until ? at - until : 0;
}
