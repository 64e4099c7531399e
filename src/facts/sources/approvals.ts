/**
 * Files of approvals -> approvals, whatever system wrote them. Shapes: JSON lines of our own (docs/access.md); Teleport
 * access requests, `tctl requests ls --format=json` (types.AccessRequestV3: metadata.name, spec.user, roles, state,
 * request_reason, resolve_reason, reviews, created, access_expiry, resource_ids); events of a webhook. Never throws.
 */
import type { Reading, SourceAnswer, SourceEvidence } from '../../model.js';
import type { Approval } from '../types.js';
import { list, member, object, parseJson, scalar, text, texts, unreadable, type Json } from './answers.js';

const MOST = 50_000;
const MOST_TEXT = 300;
const TICKET = /\b[A-Z][A-Z0-9]{1,14}-\d{1,9}\b/;
/** types.RequestState: NONE 0, PENDING 1, APPROVED 2, DENIED 3, PROMOTED 4. */
const TELEPORT_STATES: Readonly<Record<string, Approval['state']>> = {
  2: 'approved', APPROVED: 'approved', 3: 'denied', DENIED: 'denied',
}; // prettier-ignore
const APPROVED: readonly string[] = ['approved', 'granted', 'accepted'];
const DENIED: readonly string[] = ['denied', 'rejected', 'declined', 'revoked'];

/** @returns approvals of the `approvals` source; not-configured when the inventory names none. */
export function approvalFacts(
  configured: Readonly<Record<string, unknown>>,
  evidence: readonly SourceEvidence[],
): Reading<readonly Approval[]> {
  const found = evidence.find(({ source }) => source === 'approvals');
  if (found) return readApprovals(found);
  return Object.hasOwn(configured, 'approvals')
    ? {
        ok: false,
        reason: 'not-collected',
        detail: 'sources.approvals is configured, but it was not asked in this run',
      }
    : {
        ok: false,
        reason: 'not-configured',
        detail: 'no source of approvals is configured (sources.approvals in the inventory)',
      };
}

/** An entry that cannot be read is a gap, and approves nothing. */
export function readApprovals(evidence: SourceEvidence): Reading<readonly Approval[]> {
  const gaps = evidence.failures.map(({ detail }) => detail);
  const read = readerOf(evidence);
  const value: Approval[] = [];
  for (const [name, answer] of Object.entries(evidence.answers)) {
    if (!name.startsWith('file/')) continue;
    const file = name.slice('file/'.length);
    if (answer.cut) gaps.push(`${file} was not read whole`);
    const bad: number[] = [];
    for (const { json, line } of entriesOf(answer)) {
      if (value.length >= MOST) break;
      const one = json === undefined ? null : read(json, `${file}:${line}`);
      if (one) value.push(one);
      else bad.push(line);
    }
    if (bad.length > 0)
      gaps.push(`${file}: ${bad.length} entries are no approvals, the first at line ${bad[0] ?? 1}`);
  }
  if (value.length >= MOST) gaps.push(`more than ${MOST} approvals: the rest was left out`);
  if (value.length === 0 && evidence.failures.length > 0)
    return unreadable(evidence, 'nothing could be read');
  return { ok: true, value, gaps: gaps.slice(0, 100) };
}

type Reader = (entry: Json, source: string) => Approval | null;

function readerOf({ type, configuration }: SourceEvidence): Reader {
  if (type === 'teleport') return teleport;
  const given = object(configuration['fields'] as Json | undefined) ?? {};
  const path = (key: string): string => (type === 'webhook' ? (text(given[key]) ?? key) : key);
  const words = type === 'webhook' ? texts(configuration['approved'] as Json | undefined) : [];
  return (entry, source) => generic(entry, source, path, words.length > 0 ? words : APPROVED);
}

/** A whole document (a list, or an object that holds one), else one object a line. */
function entriesOf(answer: SourceAnswer): { readonly json: Json | undefined; readonly line: number }[] {
  if (answer.encoding !== 'utf8') return [{ json: undefined, line: 1 }];
  const whole = parseJson(answer.body);
  if (Array.isArray(whole)) return (whole as readonly Json[]).map((json) => ({ json, line: 1 }));
  const inner = ['requests', 'items', 'events', 'approvals']
    .map((key) => member(whole, key))
    .find(Array.isArray);
  if (inner) return (inner as readonly Json[]).map((json) => ({ json, line: 1 }));
  if (whole !== undefined) return [{ json: whole, line: 1 }];
  return answer.body
    .split('\n')
    .flatMap((line, index) => (line.trim() === '' ? [] : [{ json: parseJson(line), line: index + 1 }]));
}

function generic(
  entry: Json,
  source: string,
  path: (key: string) => string,
  approvedWords: readonly string[],
): Approval | null {
  const at = (key: string): Json | undefined =>
    path(key)
      .split('.')
      .reduce<Json | undefined>((value, part) => member(value, part), entry);
  const requester = cut(at('requester'));
  const from = timeOf(at('from'));
  const until = timeOf(at('until'));
  if (requester === '' || from === null || until === null || until <= from) return null;
  const approvers = [...names(at('approver')), ...names(member(entry, 'approvers'))];
  const word = cut(at('state')).toLowerCase();
  const reason = cut(at('reason'));
  // Without a state, an entry that names an approver is an approval.
  const state = word === '' ? (approvers.length > 0 ? 'approved' : 'pending') : stateOf(word, approvedWords);
  return {
    id: cut(at('id')) || source,
    requester,
    approvers: [...new Set(approvers)],
    state,
    reason,
    ticket: cut(at('ticket')) || (TICKET.exec(reason)?.[0] ?? ''),
    hosts: names(at('hosts')),
    principals: names(at('principals')),
    from,
    until,
    source,
  };
}

function stateOf(word: string, approved: readonly string[]): Approval['state'] {
  if (approved.some((one) => one.toLowerCase() === word)) return 'approved';
  return DENIED.includes(word) ? 'denied' : 'pending';
}

function teleport(entry: Json, source: string): Approval | null {
  const spec = member(entry, 'spec');
  const requester = cut(member(spec, 'user'));
  const from = timeOf(member(spec, 'assume_start_time')) ?? timeOf(member(spec, 'created'));
  const until =
    timeOf(member(spec, 'access_expiry')) ??
    timeOf(member(spec, 'expires')) ??
    timeOf(member(member(entry, 'metadata'), 'expires'));
  if (requester === '' || from === null || until === null || until <= from) return null;
  const reviews = list(member(spec, 'reviews'));
  const approvers = reviews
    .filter((one) => TELEPORT_STATES[scalar(member(one, 'proposed_state'))] === 'approved')
    .map((one) => cut(member(one, 'author')))
    .filter(Boolean);
  const reason = cut(member(spec, 'request_reason')) || cut(member(spec, 'resolve_reason'));
  const hosts = list(member(spec, 'resource_ids')).filter((one) => cut(member(one, 'kind')) === 'node');
  return {
    id: cut(member(member(entry, 'metadata'), 'name')) || source,
    requester,
    approvers: [...new Set(approvers)],
    state: TELEPORT_STATES[scalar(member(spec, 'state'))] ?? 'pending',
    reason,
    ticket: TICKET.exec(reason)?.[0] ?? '',
    hosts: hosts.map((one) => cut(member(one, 'name'))).filter(Boolean),
    // Roles of Teleport are not principals of OpenSSH: they narrow nothing here.
    principals: [],
    from,
    until,
    source,
  };
}

/** A text or a list of texts, or of objects with a name. */
function names(value: Json | undefined): string[] {
  const all = Array.isArray(value)
    ? (value as readonly Json[])
    : value === undefined || value === null
      ? []
      : [value];
  return all
    .slice(0, 1000)
    .map((one) => cut(one) || cut(member(one, 'name')))
    .filter(Boolean);
}

function cut(value: Json | undefined): string {
  return scalar(value).trim().slice(0, MOST_TEXT);
}

/** ISO 8601 with a zone, or seconds or milliseconds since the epoch. A time without a zone could be any. */
function timeOf(value: Json | undefined): number | null {
  if (typeof value === 'number' && Number.isFinite(value)) return value < 1e11 ? value * 1000 : value;
  const written = scalar(value);
  const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/.test(written);
  const at = zoned ? Date.parse(written) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
