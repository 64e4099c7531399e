/** The mixed fleet with everything an earlier run and a policy add: changes, history, waivers, attestations. */
import { createHash } from 'node:crypto';
import { html } from '../../reports/html.js';
import { SCRIPT_SHA256, STYLE_SHA256 } from '../../reports/html/hashes.js';
import { SCRIPT } from '../../reports/html/script.js';
import { STYLE } from '../../reports/html/style.js';
import type { Changes, CheckChange, FleetReport, HistoryPoint } from '../../src/model.js';
import { madeDigest } from '../access/made-fleet.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { saying } from './hostile.js';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

/** The page, with the hashes of this very style and script: those in hashes.ts may be a run behind during `-u`. */
export function rendered(report: FleetReport): string {
  return html
    .render(report, { color: 0, width: 80, ascii: false, verbose: false })
    .replace(STYLE_SHA256, sha256(STYLE))
    .replace(SCRIPT_SHA256, sha256(SCRIPT));
}

/** Nightly runs up to the report's own, failures going down. The third last covered a part of the fleet. */
export function history(runs: number): readonly HistoryPoint[] {
  return Array.from({ length: runs }, (_, index) => {
    const left = runs - 1 - index;
    const now = new Date(Date.parse(mixed.run.now) - left * 86_400_000).toISOString();
    const fail = 5 + left;
    return {
      id: `${now.slice(0, 10)}T02-00-00Z-run${index}`,
      now,
      verdict: 'open',
      totals: { ...mixed.totals, fail, unknown: 16 + (left % 3), complete: Math.max(0, 2 - (left % 4)) },
      fails: { 'password-auth': 2 + (left % 5), 'root-login': 1, 'no-static-keys': left },
      partial: left === 2,
    };
  });
}

const change = (
  host: string,
  check: string,
  from: CheckChange['from'],
  to: CheckChange['to'],
): CheckChange => ({
  host,
  check,
  from,
  to,
  since: to === from ? '2026-11-02T02:00:00.000Z' : mixed.run.now,
  subjects: to === 'fail' ? ['/etc/ssh/sshd_config.d/50-cloud.conf:3'] : [],
});

const changes: Changes = {
  from: { id: '2026-11-20T02-00-00Z-a1b2', now: '2026-11-20T02:00:00.000Z', verdict: 'open' },
  to: { id: mixed.run.id, now: mixed.run.now, verdict: 'open' },
  newlyFailing: [
    change('web-02', 'password-auth', 'pass', 'fail'),
    change('web-03', 'password-auth', 'pass', 'fail'),
    change('web-03', 'root-login', 'unknown', 'fail'),
  ],
  newlyPassing: [change('web-01', 'principals', 'fail', 'pass')],
  newlyUnknown: [change('db-02', 'ca-trust', 'pass', 'unknown')],
  stillFailing: [change('web-05', 'no-static-keys', 'fail', 'fail')],
  newlyWaived: [change('web-04', 'no-static-keys', 'fail', 'waived')],
  droppedChecks: ['old-plugin'],
  newHosts: ['web-05'],
  vanishedHosts: ['legacy-01', 'legacy-02'],
  hostKeys: [{ host: 'web-01', from: 'SHA256:before', to: 'SHA256:abc' }],
  access: [
    { host: 'web-04', change: 'added', kind: 'static-key', account: 'deploy', value: 'SHA256:static' },
    { host: 'web-01', change: 'removed', kind: 'principal', account: 'ops', value: 'adm-bootstrap' },
    { host: 'web-01', change: 'added', kind: 'ca-key', value: 'SHA256:ca' },
  ],
};

const waiver = {
  author: 'carla',
  check: 'no-static-keys',
  hosts: ['web-04'],
  subjects: ['account deploy'],
  owner: 'bernd',
  approver: 'ciso',
  reason: 'the old deploy pipeline moves to certificates in December',
  expires: '2026-12-31T00:00:00Z',
} as const;

const SOME_HOSTS = Array.from({ length: 12 }, (_, index) => index);

export const whole: FleetReport = {
  ...mixed,
  warnings: ['the waiver for no-static-keys on web-05 (owner bernd) expired'],
  run: {
    ...mixed.run,
    inventory: { ...mixed.run.inventory, commit: '4f2a91c0c1d2e3f4' },
    policySha256: 'ef'.repeat(32),
    previous: { id: changes.from.id, manifestSha256: '12'.repeat(32) },
    shard: { index: 1, of: 3 },
    partial: true,
    selection: { ...mixed.run.selection, environments: ['production'] },
  },
  changes,
  history: history(24),
  access: madeDigest(SOME_HOSTS),
  waivers: [
    { ...waiver, state: 'applied', appliedTo: ['web-04'] },
    {
      ...waiver,
      hosts: ['web-05'],
      expires: '2026-10-01T00:00:00Z',
      state: 'expired',
      appliedTo: ['web-05'],
    },
    { ...waiver, hosts: ['web-09'], subjects: [], state: 'unused', appliedTo: [] },
    {
      ...waiver,
      hosts: ['web-0*'],
      expires: '2031-01-01T00:00:00Z',
      state: 'too-long',
      appliedTo: ['web-05'],
    },
  ],
  attestations: [
    {
      kind: 'ca-custody',
      subject: 'SHA256:ca',
      by: 'anna',
      date: '2026-09-01T00:00:00Z',
      expires: '2027-03-01T00:00:00Z',
      evidence: 'ticket OPS-441',
      signature: 'anna SHA256:signer',
      state: 'in-force',
    },
    {
      kind: 'break-glass-test',
      subject: 'break-glass',
      by: 'bernd',
      date: '2026-01-10T00:00:00Z',
      expires: '2026-07-10T00:00:00Z',
      evidence: 'ticket OPS-102',
      state: 'expired',
    },
  ],
};

/**
 * As `saying`, and with `text` also wherever an earlier run, a policy or a run's own record puts words, and what hosts
 * told of access.
 */
export function sayingMore(text: string, access = false): FleetReport {
  const base = saying(text);
  const one = { host: text, check: text, from: 'absent', to: 'fail', since: text, subjects: [text] } as const;
  const point = { id: text, now: text, verdict: 'open' } as const;
  const accepted = {
    ...waiver,
    hosts: [text],
    subjects: [text],
    owner: text,
    approver: text,
    author: text,
    reason: text,
    expires: text,
  };
  const attestation = { subject: text, by: text, date: text, expires: text, evidence: text, signature: text };
  return {
    ...base,
    closure: { ...base.closure, beyond: base.closure.conditions },
    tool: { ...base.tool, version: text },
    run: {
      ...base.run,
      id: text,
      startedAt: text,
      finishedAt: text,
      now: text,
      inventory: { path: text, sha256: text, hosts: 4, commit: `${text}+` },
      policySha256: text,
      previous: { id: text, manifestSha256: text },
      selection: { hosts: [text], tags: [text], environments: [text], checks: [text], skippedChecks: [text] },
    },
    changes: {
      from: point,
      to: { ...point, verdict: 'closed' },
      newlyFailing: [one],
      newlyPassing: [],
      newlyUnknown: [],
      stillFailing: [],
      droppedChecks: [text],
      newHosts: [text],
      vanishedHosts: [text],
      hostKeys: [{ host: text, from: text, to: text }],
      access: [{ host: text, change: 'added', kind: 'static-key', account: text, value: text }],
    },
    ...(access && { access: madeDigest([0, 3, 4, 5], text, 3) }),
    history: [0, 1].map(() => ({ ...point, totals: base.totals, fails: { [text]: 1 }, partial: true })),
    waivers: [{ ...accepted, state: 'expired', appliedTo: [text] }],
    attestations: [{ ...attestation, kind: 'sign-off', state: 'in-force' }],
  };
}
