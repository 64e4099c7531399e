import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leavers } from '../../../checks/guidance/leavers.js';
import type { Person } from '../../../src/facts/types.js';
import type { CheckInput, Outcome } from '../../../src/model.js';
import {
  account, CA, custody, expected, HOUR, issuanceLog, issued, log, login, not, NOW, ok, policy, SECONDS, sshRole, told as told_,
} from '../../helpers/actor-facts.js'; // prettier-ignore
import { sshdFacts } from '../sshd-cases.js';
import { caseFor, KEY, keys, principals, text, told } from './facts.js';

const DAY = 86_400_000;
const LEFT = NOW.getTime() - 5 * DAY;
const OLD = { validAfter: SECONDS - 9n * 24n * HOUR, validBefore: SECONDS - 8n * 24n * HOUR };
function person(name: string, more: Partial<Person> = {}, ...also: string[]): Person {
  return { names: [name, ...also], status: null, left: null, from: 'people.csv:2', ...more };
}
const BERND = person('adm-bernd', { left: LEFT }, 'bernd', 'bernd@example.org');
const CARLA = person('adm-carla');

interface Given {
  readonly host?: Partial<CheckInput['host']>;
  readonly fleet?: Partial<CheckInput['fleet']>;
  readonly expected?: Parameters<typeof expected>[0];
  readonly people?: readonly Person[];
}
function judged(given: Given): Outcome {
  return leavers.evaluate({
    host: {
      accounts: ok([account('ops'), account('root', { uid: 0 })]),
      sshd: ok(sshdFacts(caseFor(['ops']))),
      authorizedKeys: ok([]),
      principalsFiles: ok([principals('ops', 'adm-full\n')]),
      revokedKeys: ok([]),
      logins: ok(log(login({}, 'adm-carla'))),
      ...given.host,
    },
    fleet: {
      people: ok(given.people ?? [BERND, CARLA]),
      certificateLog: ok(issuanceLog([issued(OLD, LEFT - DAY), issued({ keyId: 'adm-carla' })])),
      vault: ok(custody([sshRole()])),
      ...given.fleet,
    },
    expected: expected(given.expected),
    policy: policy(),
    now: NOW,
  });
}
const of = (given: Given): string => told(judged(given));
const host = (more: Given['host']): Given => ({ host: more ?? {} });
const certificates = (...all: Parameters<typeof issuanceLog>[0] & object): Given => ({
  fleet: { certificateLog: ok(issuanceLog(all)) },
});
const nameOf = (name: string, shell = '/bin/bash') =>
  host({ accounts: ok([account('ops'), account(name, { shell })]) });

describe('leavers', () => {
  test.each<readonly [string, Given, string]>([
    ['nothing is left of them', {}, 'pass'],
    ['nobody has left', { people: [CARLA], fleet: { vault: not() } }, 'pass'],
    ['an account of their name', nameOf('bernd'), 'fail: adm-bernd: account bernd'],
    ['an account without a shell', nameOf('bernd', '/usr/sbin/nologin'), 'pass'],
    ['the account of somebody else', nameOf('bernd2'), 'pass'],
    [
      'a key with their address',
      host({ authorizedKeys: ok([keys('ops', `${KEY} bernd@laptop\n`)]) }),
      `fail: adm-bernd: key SHA256:`,
    ],
    [
      'a key with another comment',
      host({ authorizedKeys: ok([keys('ops', `${KEY} berndt@laptop\n`)]) }),
      'pass',
    ],
    [
      'a key file sshd does not read',
      host({ authorizedKeys: ok([keys('ops', `${KEY} bernd\n`, false)]) }),
      'pass',
    ],
    [
      'a principal of theirs',
      host({ principalsFiles: ok([principals('ops', 'adm-full\nadm-bernd\n')]) }),
      'fail: adm-bernd: principal adm-bernd of ops',
    ],
    [
      'the inventory still allows them',
      { expected: { allowedPrincipals: { adm: ['ADM-Bernd'], agt: [], atm: [] } } },
      'fail: adm-bernd: inventory',
    ],
    [
      'a role of the CA names them',
      { fleet: { vault: ok(custody([sshRole({ allowedUsers: ['adm-full', 'adm-bernd'] })])) } },
      'fail: adm-bernd: CA role ssh/adm',
    ],
    [
      'a role for hosts names them',
      { fleet: { vault: ok(custody([sshRole({ allowedUsers: ['bernd'], allowUserCertificates: false })])) } },
      'pass',
    ],
    [
      'a certificate was issued since',
      certificates(issued(OLD, LEFT + DAY)),
      'fail: adm-bernd: certificates issued since',
    ],
    [
      'a certificate of before is still valid',
      certificates(issued({}, LEFT - DAY)),
      'fail: adm-bernd: certificates still valid',
    ],
    [
      'by its principal',
      certificates(issued({ ...OLD, keyId: 'x', principals: ['adm-bernd'] }, LEFT + 1)),
      'fail: adm-bernd: certificates issued since',
    ],
    ['a host certificate', certificates(issued({ kind: 'host' }, LEFT + DAY)), 'pass'],
    ['a login since, by key ID', host({ logins: ok(log(login())) }), 'fail: adm-bernd: logins since'],
    [
      'a login since, to their account',
      host({ logins: ok(log(login({ account: 'bernd' }, 'adm-carla'))) }),
      'fail: adm-bernd: logins since',
    ],
    ['a login before', host({ logins: ok(log(login({ at: LEFT - 1 }))) }), 'pass'],
    ['a line anybody wrote', host({ logins: ok(log(login({ trusted: false }))) }), 'pass'],
    [
      'the last day is not over',
      { people: [{ ...BERND, left: NOW.getTime() + 1 }, CARLA], ...host({ logins: ok(log(login())) }) },
      'pass',
    ],
    [
      'left, without a day',
      { people: [person('adm-bernd', { status: 'left' }), CARLA], ...nameOf('bernd') },
      'fail: adm-bernd: account bernd',
    ],
  ])('%s', (_title, given, verdict) => {
    const outcome = of(given);
    expect(outcome.startsWith(verdict) ? verdict : outcome).toBe(verdict);
  });

  test('a key is known by its fingerprint, by a certificate that was made for it, and by logins', () => {
    const mine = keys('deploy', KEY).lines[0]?.key?.fingerprint ?? '';
    const installed = { authorizedKeys: ok([keys('deploy', KEY)]), accounts: ok([account('deploy')]) };
    const verdict = `fail: adm-bernd: key ${mine} in deploy`;
    expect(of(host(installed))).toBe('pass');
    expect(of({ ...host(installed), people: [person('adm-bernd', { left: LEFT }, mine), CARLA] })).toBe(
      verdict,
    );
    expect(
      of({ ...host(installed), ...certificates(issued({ ...OLD, fingerprint: mine }, LEFT - DAY)) }),
    ).toBe(verdict);
    const before = login({
      at: LEFT - DAY,
      certificate: { keyId: 'adm-bernd', serial: '7', caFingerprint: CA, keyFingerprint: mine },
    });
    expect(of(host({ ...installed, logins: ok(log(before)) }))).toBe(verdict);
  });

  test('a valid certificate the host revokes is no way in', () => {
    const valid = certificates(issued({}, LEFT - DAY));
    const krl = { format: 'krl', detail: '', keys: [], serials: [], keyIds: [], caKeys: [] } as const;
    const revoked = (more: object) =>
      of({ ...valid, ...host({ revokedKeys: ok([{ file: keys('x', '').file, ...krl, ...more }]) }) });
    expect(revoked({})).toBe('fail: adm-bernd: certificates still valid');
    expect(revoked({ keys: ['SHA256:KEY'] })).toBe('pass');
    expect(revoked({ keyIds: ['adm-bernd'] })).toBe('pass');
    expect(revoked({ serials: [{ ca: CA, from: '1', to: '9' }] })).toBe('pass');
    expect(revoked({ serials: [{ ca: CA, from: '8', to: '9' }] })).toBe(
      'fail: adm-bernd: certificates still valid',
    );
    expect(revoked({ serials: [{ ca: 'SHA256:other', from: '1', to: '9' }] })).toBe(
      'fail: adm-bernd: certificates still valid',
    );
  });

  test('a policy of the CA system that is named after them', () => {
    const reach = { namespace: '', policy: 'bernd', act: 'sign', path: 'ssh/sign/adm', rule: 'ssh/sign/*', capabilities: ['update'], role: 'adm', broad: true, approvals: 0 } as const; // prettier-ignore
    expect(of({ fleet: { vault: ok({ ...custody([]), reach: [reach, reach] }) } })).toBe(
      'fail: adm-bernd: CA policy bernd',
    );
  });

  test.each<readonly [string, Given, string]>([
    ['no list of people', { fleet: { people: not() } }, 'unknown: not-configured'],
    ['a list that names nobody', { people: [] }, 'unknown: no-evidence'],
    [
      'a list with an entry nobody can read',
      { fleet: { people: ok([CARLA], 'people.csv:3:1: left') } },
      'unknown: no-evidence',
    ],
    [
      'active, and the last day is over',
      { people: [{ ...BERND, status: 'active' }] },
      'unknown: disagreement',
    ],
    [
      'the log of certificates does not reach back',
      { fleet: { certificateLog: ok(issuanceLog([], { from: LEFT + DAY })) } },
      'unknown: no-evidence',
    ],
    ['a certificate of nobody', certificates(told_({})), 'unknown: no-evidence'],
    [
      'the log of logins does not reach back',
      host({ logins: ok({ ...log(), coversFrom: LEFT + DAY }) }),
      'unknown: no-evidence',
    ],
    [
      'a login whose key ID is lost',
      host({ logins: ok(log({ ...login({}, 'adm-carla'), identityLost: true })) }),
      'unknown: no-evidence',
    ],
    [
      'a command that answers for keys',
      host({ sshd: ok(sshdFacts(caseFor(['ops'], 'authorizedkeyscommand /bin/x'))) }),
      'unknown: unsupported',
    ],
    ['the CA was not asked', { fleet: { vault: not('denied') } }, 'unknown: denied'],
  ])('unknown: %s', (_title, given, verdict) => {
    expect(of(given)).toBe(verdict);
  });

  test.each(['accounts', 'sshd', 'authorizedKeys', 'principalsFiles', 'revokedKeys', 'logins'] as const)(
    'without %s nothing passes, and what is wrong stays wrong',
    (fact) => {
      expect(of(host({ [fact]: not('denied') }))).toBe('unknown: denied');
      const allowed = { allowedPrincipals: { adm: ['adm-bernd'], agt: [], atm: [] } };
      expect(of({ ...host({ [fact]: not('denied') }), expected: allowed })).toBe(
        'fail: adm-bernd: inventory',
      );
    },
  );

  test('a name somebody still goes by accuses nobody, and passes nothing', () => {
    const twin = person('adm-bernd2', {}, 'bernd');
    const outcome = judged({ people: [BERND, twin], ...nameOf('bernd') });
    expect(told(outcome)).toBe('unknown: disagreement');
    expect(text(outcome)).toContain('adm-bernd (people.csv:2)');
  });

  test('says when they left and where that is written', () => {
    expect(text(judged(nameOf('bernd')))).toContain(
      'adm-bernd left on 2026-11-16 (people.csv:2), and the account bernd is still here',
    );
  });

  test('many leavers and any names stay bounded', () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      person(`adm-${index}`, { status: 'left' }, 'ops'),
    );
    const outcome = judged({ people: many });
    expect(outcome.status === 'fail' && outcome.findings.length).toBe(200);
    expect(text(outcome)).toContain('2800 more findings are not shown');
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double(), (name, comment, left) => {
        judged({
          people: [person(name, { left })],
          ...host({ authorizedKeys: ok([keys('ops', `${KEY} ${comment}`)]) }),
        });
        judged({
          people: [person(name, { status: 'left' })],
          ...certificates(issued({ keyId: name }), told_({ keyId: comment, serial: comment })),
        });
      }),
      { seed: 7 },
    );
  });
});
