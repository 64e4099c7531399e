import { describe, expect, test } from 'vitest';
import { bootstrapComplete } from '../../checks/bootstrap-complete.js';
import type {
  AuthorizedKeysFile,
  FleetFacts,
  HostFacts,
  Issuance,
  SshdFacts,
  SshRole,
} from '../../src/facts/types.js';
import type { Expectations, Outcome, Reading } from '../../src/model.js';
import {
  account,
  custody,
  expected,
  file,
  found,
  HOUR,
  issuanceLog,
  issued,
  log,
  login,
  not,
  NOW,
  ok,
  policy,
  principalsFile,
  SECONDS,
  sshRole,
  told,
} from '../helpers/actor-facts.js';
import { findingsOf } from '../helpers/keys-host.js';

type Host = Pick<
  HostFacts,
  'accounts' | 'sshd' | 'principalsFiles' | 'authorizedKeys' | 'certificates' | 'logins'
>;
function sshd(...commands: readonly string[]): Reading<SshdFacts> {
  const witness = { user: 'ops', host: 'h', address: '192.0.2.1', localAddress: '192.0.2.2', localPort: 22 };
  return ok({
    binary: '/usr/sbin/sshd',
    version: null,
    files: [],
    matchBlocks: [],
    cases: commands.map((command) => ({
      witness,
      accounts: ['ops'],
      settings: { authorizedprincipalscommand: [command] },
      origins: {},
      by: 'sshd' as const,
    })),
  });
}
const soundHost: Host = {
  accounts: ok([account('ops')]),
  sshd: sshd('none'),
  principalsFiles: ok([principalsFile('ops', 'adm-full')]),
  authorizedKeys: ok([]),
  certificates: ok([]),
  logins: ok(log(login())),
};
function judge(
  host: Partial<Host> = {},
  fleet: Partial<FleetFacts> = {},
  wanted: Partial<Expectations> = {},
): Outcome {
  return bootstrapComplete.evaluate({
    host: { ...soundHost, ...host },
    fleet: { vault: not(), certificateLog: not(), ...fleet },
    expected: expected(wanted),
    policy: policy(),
    now: NOW,
  });
}
const subjects = (outcome: Outcome): string[] => findingsOf(outcome).map(({ subject }) => subject);

test('a clean host passes and says what was looked at', () => {
  expect(judge()).toMatchObject({
    status: 'pass',
    because: expect.stringMatching(/none of 1 principals files.*did not log in since 2026-11-07/),
    evidence: [{ path: '/etc/ssh/auth_principals/ops', excerpt: 'adm-full' }],
    notes: [expect.stringContaining('sources.vault')],
  });
});

describe('principals files', () => {
  test.each([
    'adm-bootstrap',
    'restrict adm-bootstrap # temp',
    'from="10.0.0.0/8" adm-bootstrap',
    '\tadm-bootstrap ',
    'adm-bootstrap adm-full',
    'adm-bootstrap,adm-full',
    'command="/x" adm-bootstrap',
  ])('%j fails', (text) => {
    expect(findingsOf(judge({ principalsFiles: ok([principalsFile('ops', 'adm-full', text)]) }))).toEqual([
      expect.objectContaining({
        subject: '/etc/ssh/auth_principals/ops:2',
        at: { path: '/etc/ssh/auth_principals/ops', line: 2 },
      }),
    ]);
  });
  test.each([
    'adm-bootstrap-old',
    'x-adm-bootstrap',
    'ADM-BOOTSTRAP',
    'adm-full # was adm-bootstrap',
    'adm-bootstra',
  ])('%j does not', (text) =>
    expect(judge({ principalsFiles: ok([principalsFile('ops', text)]) }).status).toBe('pass'),
  );
  test('a line sshd does not honour is one edit away', () => {
    const one = principalsFile('ops', 'adm-bootstrap adm-full');
    const [first] = one.lines;
    const outcome = judge({
      principalsFiles: ok([{ ...one, account: null, lines: first ? [{ ...first, valid: false }] : [] }]),
    });
    expect(findingsOf(outcome)[0]?.message).toContain('sshd does not honour the line');
  });
});

describe('other places', () => {
  test('principals= of an authorized_keys line', () => {
    const keys = (value: string): Reading<readonly AuthorizedKeysFile[]> =>
      ok([
        {
          account: 'ops',
          effective: true,
          file: file('/home/ops/.ssh/authorized_keys'),
          lines: [
            {
              line: 4,
              valid: true,
              certAuthority: true,
              options: [
                { name: 'cert-authority', value: '' },
                { name: 'principals', value },
              ],
              text: `principals="${value}"`,
            },
          ],
        },
      ]);
    expect(subjects(judge({ authorizedKeys: keys('adm-full,adm-bootstrap') }))).toEqual([
      '/home/ops/.ssh/authorized_keys:4',
    ]);
    expect(judge({ authorizedKeys: keys('adm-bootstrap-2') }).status).toBe('pass');
  });
  test('an account of that name', () =>
    expect(subjects(judge({ accounts: ok([account('adm-bootstrap')]) }))).toEqual(['account adm-bootstrap']));
  test('an unexpired certificate, on the host or in the log, by principal or key ID', () => {
    expect(
      subjects(judge({ certificates: ok([found({ principals: ['adm-full', 'adm-bootstrap'] })]) })),
    ).toEqual(['certificate "adm-bernd" (serial 7)']);
    expect(subjects(judge({ certificates: ok([found({ keyId: 'adm-bootstrap' })]) }))).toHaveLength(1);
    expect(
      subjects(judge({ certificates: ok([found({ keyId: 'adm-bootstrap', validBefore: 2n ** 64n - 1n })]) })),
    ).toHaveLength(1);
    expect(
      subjects(
        judge({
          certificates: ok([
            found({ keyId: 'adm-bootstrap', validAfter: SECONDS + HOUR, validBefore: SECONDS + 2n * HOUR }),
          ]),
        }),
      ),
    ).toHaveLength(1);
    expect(
      subjects(
        judge(
          {},
          { certificateLog: ok(issuanceLog([issued({ serial: 8n, principals: ['adm-bootstrap'] })])) },
        ),
      ),
    ).toHaveLength(1);
  });
  test('of words alone: live, ended, and with an end nobody knows', () => {
    const words = { serial: '8', principals: ['adm-bootstrap'] };
    const fleet = (more: Partial<Issuance>) => ({
      certificateLog: ok(issuanceLog([told({ ...words, ...more })])),
    });
    expect(subjects(judge({}, fleet({ lifetimeSeconds: 7200n })))).toEqual([
      'certificate of unknown key ID (serial 8)',
    ]);
    expect(judge({}, fleet({ lifetimeSeconds: 600n })).status).toBe('pass');
    expect(judge({}, fleet({}))).toMatchObject({
      status: 'unknown',
      detail: expect.stringContaining('not until when it is valid'),
    });
    expect(judge({}, fleet({ kind: 'host' })).status).toBe('pass');
  });
  test('a login with it behind another key ID, as the log of the CA tells', () => {
    const logged = (...principals: readonly string[]) => ({
      certificateLog: ok(
        issuanceLog([issued({ principals, validBefore: SECONDS }, NOW.getTime() - 3_600_000)]),
      ),
    });
    const at = NOW.getTime() - 1_800_000;
    const host = { logins: ok(log(login({ at }))) };
    expect(findingsOf(judge(host, logged('adm-full', 'adm-bootstrap')))).toEqual([
      expect.objectContaining({
        subject: 'login "adm-bernd" (serial 7) with adm-bootstrap',
        message: expect.stringContaining('its key ID does not say so'),
      }),
    ]);
    expect(judge(host, logged('adm-full'))).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([
        'The principals behind 1 of 1 certificate logins are known from the certificate log.',
      ]),
    });
    expect(
      judge({ logins: ok(log(login({ at: NOW.getTime() - 15 * 86_400_000 }))) }, logged('adm-bootstrap'))
        .status,
    ).toBe('pass');
  });
  test('an expired certificate, or one of a similar name, is not in use', () => {
    for (const more of [
      { keyId: 'adm-bootstrap', validBefore: SECONDS },
      { principals: ['adm-bootstrap2'] },
      { kind: 'host' as const, principals: ['adm-bootstrap'] },
    ])
      expect(judge({ certificates: ok([found(more)]) }).status).toBe('pass');
  });
  test('a login within the window, by what sshd itself wrote', () => {
    expect(
      findingsOf(
        judge({
          logins: ok(
            log(login({}, 'adm-bootstrap', '1'), login({ at: NOW.getTime() - 1000 }, 'adm-bootstrap', '1')),
          ),
        }),
      ),
    ).toEqual([
      expect.objectContaining({
        subject: 'login adm-bootstrap',
        message: expect.stringContaining('logged in 2 times in the last 14 days'),
      }),
    ]);
    expect(subjects(judge({ logins: ok(log(login({ account: 'adm-bootstrap' }))) }))).toEqual([
      'login adm-bootstrap',
    ]);
    expect(
      judge({ logins: ok(log(login({ at: NOW.getTime() - 15 * 86_400_000 }, 'adm-bootstrap'))) }).status,
    ).toBe('pass');
    expect(judge({ logins: ok(log(login({}, 'adm-bootstrap-x'))) }).status).toBe('pass');
    expect(judge({ logins: ok(log(login({ trusted: false }, 'adm-bootstrap'))) })).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([expect.stringContaining('proves nothing')]),
    });
  });
  test('the inventory', () => {
    expect(
      subjects(judge({}, {}, { allowedPrincipals: { adm: ['adm-bootstrap'], agt: [], atm: [] } })),
    ).toEqual(['inventory web-1: allows adm-bootstrap (adm)']);
    expect(subjects(judge({}, {}, { principals: { ops: ['adm-bootstrap'] } }))).toEqual([
      'inventory web-1: maps adm-bootstrap to the account ops',
    ]);
  });
  test.each<readonly [string, Partial<SshRole>, boolean]>([
    ['other names', {}, false],
    ['its name', { allowedUsers: ['adm-full', 'adm-bootstrap'] }, true],
    ['the default', { defaultUser: 'adm-bootstrap' }, true],
    ['any name', { allowedUsers: ['*'] }, true],
    ['a template it fits', { allowedUsers: ['adm-{{identity.entity.name}}'] }, true],
    ['a template in two parts', { allowedUsers: ['{{a}}-boot{{b}}'] }, true],
    ['a template it does not fit', { allowedUsers: ['agt-{{identity.entity.name}}'] }, false],
    ['a template that is too long', { allowedUsers: ['adm-boot{{x}}-bootstrap'] }, false],
    ['no role for users', { allowedUsers: ['*'], allowUserCertificates: false }, false],
  ])('the CA’s roles: %s', (_, more, bad) => {
    const outcome = judge({}, { vault: ok(custody([sshRole(more)])) });
    expect(outcome.status).toBe(bad ? 'fail' : 'pass');
    if (bad) expect(subjects(outcome)).toEqual(['role ssh/roles/adm']);
  });
});

describe('unknown', () => {
  test.each(['accounts', 'sshd', 'principalsFiles', 'authorizedKeys', 'certificates', 'logins'] as const)(
    '%s not collected, or with a gap',
    (fact) => {
      expect(judge({ [fact]: not('not-collected', 'x') })).toMatchObject({
        status: 'unknown',
        reason: 'not-collected',
      });
      expect(judge({ [fact]: { ...soundHost[fact], gaps: ['hole'] } })).toMatchObject({
        status: 'unknown',
        detail: 'hole',
      });
      expect(
        judge({ [fact]: not('not-collected', 'x') }, {}, { principals: { ops: ['adm-bootstrap'] } }).status,
      ).toBe('fail');
    },
  );
  test('a command that could grant it', () => {
    expect(judge({ sshd: sshd('none', '/usr/bin/principals %u') })).toMatchObject({
      status: 'unknown',
      detail: expect.stringContaining('/usr/bin/principals %u could grant adm-bootstrap'),
    });
  });
  test('no log of logins', () =>
    expect(judge({ logins: ok({ ...log(), source: 'none' }) }).status).toBe('unknown'));
  test('a source that is configured and did not answer', () =>
    expect(judge({}, { vault: not('denied', '403') })).toMatchObject({ status: 'unknown', detail: '403' }));
  test('a short log is a note', () =>
    expect(judge({ logins: ok({ ...log(), coversFrom: NOW.getTime() - 1000 }) })).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([expect.stringContaining('does not cover')]),
    }));
});
