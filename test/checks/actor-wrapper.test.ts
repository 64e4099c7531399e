import { describe, expect, test } from 'vitest';
import { actorWrapper } from '../../checks/actor-wrapper.js';
import type { Certificate, FleetFacts, HostFacts, Login, SshRole } from '../../src/facts/types.js';
import type { Expectations, Outcome } from '../../src/model.js';
import {
  account,
  attestation,
  custody,
  expected,
  file,
  found,
  HOUR,
  issuanceLog,
  issued,
  job,
  log,
  login,
  missingWrapper,
  not,
  NOW,
  ok,
  OTHER_CA,
  policy,
  principalsFile,
  privateKey,
  SECONDS,
  sshRole,
  stat,
  wrapper,
  WRAPPER,
} from '../helpers/actor-facts.js';
import { findingsOf } from '../helpers/keys-host.js';

type Host = Pick<
  HostFacts,
  'accounts' | 'principalsFiles' | 'certificates' | 'privateKeys' | 'schedules' | 'wrappers' | 'logins'
>;
const OTHER = '/usr/local/bin/atm-wrapper.sh';
const soundHost: Host = {
  accounts: ok([account('ops'), account('auto')]),
  principalsFiles: ok([principalsFile('ops', 'adm-full'), principalsFile('auto', 'atm-backup')]),
  certificates: ok([]),
  privateKeys: ok([]),
  schedules: ok([job()]),
  wrappers: ok([missingWrapper(OTHER), wrapper()]),
  logins: ok(log()),
};
function judge(
  host: Partial<Host> = {},
  fleet: Partial<FleetFacts> = {},
  wanted: Partial<Expectations> = {},
): Outcome {
  return actorWrapper.evaluate({
    host: { ...soundHost, ...host },
    fleet: {
      attestations: ok([attestation('wrapper-review')]),
      certificateLog: not(),
      vault: not(),
      ...fleet,
    },
    expected: expected(wanted),
    policy: policy(),
    now: NOW,
  });
}
const subjects = (outcome: Outcome): string[] => findingsOf(outcome).map(({ subject }) => subject);
const machine: Partial<Certificate> = {
  keyId: 'atm-backup',
  principals: ['atm-backup'],
  criticalOptions: [{ name: 'force-command', value: `${OTHER} backup` }],
};

describe('a sound host', () => {
  test('passes with the attested review', () => {
    expect(judge()).toMatchObject({
      status: 'pass',
      because: expect.stringMatching(
        /1 accounts: auto.*ops-ssh-wrapper asks the CA, code review attested by Ada/,
      ),
      evidence: [
        { path: WRAPPER, line: 5 },
        { path: '/etc/cron.d/backup', line: 3 },
      ],
    });
  });
  test('never passes without it', () => {
    for (const attestations of [
      not('not-configured', 'no attestations'),
      ok([]),
      ok([attestation('wrapper-review', { expires: '2026-11-01' })]),
      ok([attestation('ca-custody')]),
    ]) {
      expect(judge({}, { attestations }).status).toBe('unknown');
    }
    expect(judge({}, { attestations: ok([]) })).toMatchObject({
      reason: 'missing-source',
      detail: expect.stringContaining('wrapper-review'),
    });
  });
  test('a host without agents and automations needs no wrapper, and the review all the same', () => {
    const host = {
      accounts: ok([account('ops')]),
      principalsFiles: ok([principalsFile('ops', 'adm-full')]),
      wrappers: ok([missingWrapper(OTHER), missingWrapper(WRAPPER)]),
      schedules: ok([]),
    };
    expect(judge(host)).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('no wrapper is needed here'),
    });
    expect(judge(host, { attestations: ok([]) }).status).toBe('unknown');
  });
});

describe('private keys', () => {
  test('one in an automation’s home fails, encrypted or not', () => {
    expect(findingsOf(judge({ privateKeys: ok([privateKey()]) }))).toEqual([
      expect.objectContaining({
        subject: '/home/auto/.ssh/id_ed25519',
        at: { path: '/home/auto/.ssh/id_ed25519', line: 1 },
        message: expect.stringContaining('unencrypted private key (openssh, ssh-ed25519)'),
      }),
    ]);
    expect(findingsOf(judge({ privateKeys: ok([privateKey({ encrypted: true })]) }))[0]?.message).toContain(
      'passphrase-protected',
    );
  });
  test.each([
    ['by owner', { path: '/opt/app/key', owner: 'auto' }, {}],
    ['in a CI service’s home', { path: '/var/lib/jenkins/x', owner: 'root' }, {}],
    ['among root’s', { path: '/root/.ssh/id_rsa', owner: 'root' }, {}],
    [
      'by the inventory’s accounts',
      { path: '/home/ops/k', owner: 'ops' },
      { accounts: { adm: [], agt: ['ops'], atm: [] } },
    ],
    ['by the inventory’s map', { path: '/home/ops/k', owner: 'root' }, { principals: { ops: ['agt-x'] } }],
  ])('%s', (_, more, wanted) =>
    expect(subjects(judge({ privateKeys: ok([privateKey(more)]) }, {}, wanted))).toEqual([more.path]),
  );
  test('by the account’s own name', () => {
    expect(
      subjects(
        judge({
          accounts: ok([account('agt-x'), account('auto')]),
          privateKeys: ok([privateKey({ path: '/home/agt-x/k', owner: 'root' })]),
        }),
      ),
    ).toEqual(['/home/agt-x/k']);
  });
  test.each([
    ['a person’s', { path: '/home/ops/.ssh/id', owner: 'ops' }],
    ['the host’s own', { path: '/etc/ssh/ssh_host_ed25519_key', owner: 'root' }],
    ['a home of a similar name', { path: '/home/auto2/k', owner: 'x' }],
  ])('%s key is not an automation’s', (_, more) => {
    expect(judge({ privateKeys: ok([privateKey(more)]) }).status).toBe('pass');
  });
  test('a handle of a device is a note', () => {
    expect(judge({ privateKeys: ok([privateKey({ hardwareBound: true })]) })).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([expect.stringContaining('useless without its device')]),
    });
  });

  describe('beside a fresh certificate', () => {
    const fresh = privateKey({ stat: stat('/x', { mtime: Number(SECONDS) - 600 }) });
    const { fingerprint: _none, ...dark } = fresh;
    test('is the wrapper at work', () => {
      expect(judge({ privateKeys: ok([fresh]), certificates: ok([found(machine)]) }).status).toBe('pass');
      expect(
        judge({ privateKeys: ok([dark]), certificates: ok([found(machine, `${fresh.path}-cert.pub`)]) })
          .status,
      ).toBe('pass');
    });
    test.each<readonly [string, Partial<Certificate>, number]>([
      ['an old key', {}, 90 * 86_400],
      ['an expired certificate', { validBefore: SECONDS }, 600],
      ['one that is not valid yet', { validAfter: SECONDS + HOUR }, 600],
      ['one of another key', { fingerprint: 'SHA256:ELSE' }, 600],
      ['one of another CA', { caFingerprint: OTHER_CA }, 600],
      ['a forged one', { signatureValid: false }, 600],
      ['a host certificate', { kind: 'host' }, 600],
      ['one that lives for months', { validAfter: SECONDS - HOUR, validBefore: SECONDS + 2000n * HOUR }, 600],
    ])('%s is not', (_, more, age) => {
      const key = { ...fresh, stat: stat('/x', { mtime: Number(SECONDS) - age }) };
      expect(
        subjects(judge({ privateKeys: ok([key]), certificates: ok([found({ ...machine, ...more })]) })),
      ).toContain(key.path);
    });
  });
});

describe('schedules', () => {
  test('a job that calls ssh by itself fails, whoever’s it is, though the wrapper is there', () => {
    const direct = job({
      path: '/etc/crontab',
      line: 9,
      account: 'root',
      command: '/usr/bin/ssh h uptime',
      callsSsh: ['ssh'],
      callsWrapper: [],
    });
    expect(findingsOf(judge({ schedules: ok([job(), direct]) }))).toEqual([
      expect.objectContaining({
        subject: '/etc/crontab:9',
        at: { path: '/etc/crontab', line: 9 },
        evidence: [expect.objectContaining({ excerpt: '/usr/bin/ssh h uptime' })],
        message: expect.stringContaining('(cron, account root) calls ssh by itself'),
      }),
    ]);
  });
  test('a job that calls a wrapper that is not there', () =>
    expect(findingsOf(judge({ schedules: ok([job({ callsWrapper: [OTHER] })]) }))[0]?.message).toContain(
      `${OTHER}, which is not there`,
    ));
});

describe('wrappers', () => {
  const both = (one: ReturnType<typeof wrapper>): Partial<Host> => ({
    wrappers: ok([missingWrapper(OTHER), one]),
  });
  test('one that asks no CA fails', () =>
    expect(findingsOf(judge(both(wrapper({}, false))))).toEqual([
      expect.objectContaining({ subject: WRAPPER, message: expect.stringContaining('asks no CA') }),
    ]));
  test('none at all, where somebody needs one', () => {
    expect(
      findingsOf(
        judge({ wrappers: ok([missingWrapper(OTHER), missingWrapper(WRAPPER)]), schedules: ok([]) }),
      )[0]?.message,
    ).toContain('agent or automation accounts (auto) and none of the wrappers');
  });
  test.each([
    ['the file of another', { stat: stat(WRAPPER, { uid: 2003 }) }],
    ['a file all may write', { stat: stat(WRAPPER, { mode: 0o777 }) }],
    ['a file its group may write', { stat: stat(WRAPPER, { mode: 0o775 }) }],
    [
      'a folder all may write',
      { parents: [stat('/', { kind: 'dir' }), stat('/usr/local/bin', { kind: 'dir', mode: 0o777 })] },
    ],
    [
      'a folder of another',
      { parents: [stat('/', { kind: 'dir' }), stat('/usr/local', { kind: 'dir', uid: 5 })] },
    ],
  ])('%s', (_, more) =>
    expect(findingsOf(judge(both(wrapper(more))))[0]?.message).toContain('replaces the wrapper'),
  );
  test('folders that were not seen keep it unknown', () =>
    expect(judge(both(wrapper({ parents: [] }))).status).toBe('unknown'));
  test('one that could not be read keeps it unknown', () => {
    expect(
      judge({
        wrappers: ok(
          [missingWrapper(OTHER), wrapper({ status: 'denied', bytes: new Uint8Array() }, false)],
          'denied',
        ),
      }),
    ).toMatchObject({ status: 'unknown', detail: 'denied' });
  });
  test('a compiled one is for the review to judge', () => {
    const compiled = both({ file: file(WRAPPER, { bytes: Buffer.from('\x7fELF') }), asksCa: [] });
    expect(judge(compiled)).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([expect.stringContaining('compiled')]),
    });
    expect(judge(compiled, { attestations: not() }).status).toBe('unknown');
  });
  test('a policy that names none', () => {
    expect(
      actorWrapper.evaluate({
        host: { ...soundHost, wrappers: ok([]), accounts: ok([]), principalsFiles: ok([]) },
        fleet: { attestations: ok([attestation('wrapper-review')]), certificateLog: not(), vault: not() },
        expected: expected(),
        policy: policy({ wrappers: [] }),
        now: NOW,
      }),
    ).toMatchObject({ status: 'unknown', detail: expect.stringContaining('policy.wrappers') });
  });
});

describe('force-command', () => {
  test.each<readonly [string, Partial<Certificate>, boolean]>([
    ['a wrapper', {}, true],
    ['none', { criticalOptions: [] }, false],
    ['a shell', { criticalOptions: [{ name: 'force-command', value: '/bin/bash' }] }, false],
    ['something like a wrapper', { criticalOptions: [{ name: 'force-command', value: `${OTHER}x` }] }, false],
    ['none, of an agent', { keyId: 'agt-x', principals: ['agt-x'], criticalOptions: [] }, false],
    ['none, of a principal only', { keyId: 'x', principals: ['atm-x'], criticalOptions: [] }, false],
    ['none, of a person', { keyId: 'adm-x', principals: ['adm-full'], criticalOptions: [] }, true],
    ['none, expired', { criticalOptions: [], validBefore: SECONDS }, true],
    ['none, of another CA', { criticalOptions: [], caFingerprint: OTHER_CA }, true],
    ['none, of a host', { criticalOptions: [], kind: 'host' }, true],
  ])('%s', (_, more, good) => {
    expect(judge({ certificates: ok([found({ ...machine, ...more })]) }).status).toBe(good ? 'pass' : 'fail');
    expect(judge({}, { certificateLog: ok(issuanceLog([issued({ ...machine, ...more })])) }).status).toBe(
      good ? 'pass' : 'fail',
    );
  });
});

describe('roles of the CA system', () => {
  const bound: Partial<SshRole> = {
    name: 'agt',
    allowedUsers: ['agt-resolver'],
    defaultCriticalOptions: [{ name: 'force-command', value: WRAPPER }],
    allowedCriticalOptions: ['none-allowed'],
  };
  test.each<readonly [string, Partial<SshRole>, string | null]>([
    ['bound to the wrapper', {}, null],
    ['no force-command', { defaultCriticalOptions: [] }, 'sets no force-command'],
    [
      'a shell',
      { defaultCriticalOptions: [{ name: 'force-command', value: '/bin/sh' }] },
      'none of the wrappers',
    ],
    ['any options may replace it', { allowedCriticalOptions: [] }, 'may name any critical options instead'],
    [
      'one option may replace it',
      { allowedCriticalOptions: ['source-address'] },
      'may name source-address instead',
    ],
    [
      'another command may replace it',
      { allowedCriticalOptions: ['force-command'] },
      'may name force-command instead',
    ],
    ['for people', { allowedUsers: ['adm-full'], defaultCriticalOptions: [] }, null],
    ['no user certificates', { allowUserCertificates: false, defaultCriticalOptions: [] }, null],
  ])('%s', (_, more, says) => {
    const outcome = judge({}, { vault: ok(custody([sshRole({ ...bound, ...more })])) });
    if (says === null) expect(outcome.status).toBe('pass');
    else
      expect(findingsOf(outcome)).toEqual([
        expect.objectContaining({
          subject: 'role ssh/roles/agt force-command',
          message: expect.stringContaining(says),
        }),
      ]);
  });
});

describe('the runtime trace', () => {
  const day = 86_400_000;
  const at = NOW.getTime() - day;
  const validAfter = SECONDS - 25n * HOUR;
  const entry = issued(
    { ...machine, serial: 1n, validAfter, validBefore: validAfter + 8n * HOUR },
    Number(validAfter) * 1000,
  );
  const trace = (
    one: Login,
    certificateLog: FleetFacts['certificateLog'] = ok(issuanceLog([entry])),
  ): Outcome => judge({ logins: ok(log(one)) }, { certificateLog });
  test('a login the CA’s log does not know fails', () => {
    expect(findingsOf(trace(login({ at, account: 'auto' }, 'atm-backup', '99')))).toEqual([
      expect.objectContaining({
        subject: 'login of "atm-backup" (serial 99)',
        message: expect.stringContaining('past the CA'),
      }),
    ]);
  });
  test.each<readonly [string, Login]>([
    ['known', login({ at }, 'atm-backup', '1')],
    ['a person’s', login({ at }, 'adm-x', '99')],
    ['of another CA', login({ at, certificate: { keyId: 'atm-x', serial: '99', caFingerprint: OTHER_CA } })],
    ['not written by sshd', login({ at, trusted: false }, 'atm-backup', '99')],
    ['a moment ago, after the log was read', login({ at: NOW.getTime() + 1 }, 'atm-backup', '99')],
  ])('%s: no finding', (_, one) => expect(trace(one).status).toBe('pass'));
  test('before the log begins: unknown', () => {
    expect(trace(login({ at: NOW.getTime() - 29.9 * day }, 'atm-backup', '99'))).toMatchObject({
      status: 'unknown',
      reason: 'no-evidence',
      detail: expect.stringContaining('does not reach back'),
    });
  });
  test('the serial of another key ID or CA explains nothing', () => {
    expect(trace(login({ at }, 'atm-x', '1')).status).toBe('fail');
    const other = issued({ ...machine, serial: 1n, caFingerprint: OTHER_CA }, at);
    expect(trace(login({ at }, 'atm-backup', '1'), ok(issuanceLog([other]))).status).toBe('fail');
  });
  test('without a certificate log logins of machines cannot be traced', () => {
    const detail = 'no certificate log';
    expect(trace(login({ at }, 'atm-backup', '1'), not('not-configured', detail))).toMatchObject({
      status: 'unknown',
      reason: 'not-configured',
      detail: `1 logins of agents and automations cannot be traced to the CA: ${detail}`,
    });
    expect(trace(login({ at }, 'adm-x', '1'), not('not-configured', detail)).status).toBe('pass');
    expect(trace(login({ at }, 'adm-x', '1'), not('denied', 'eacces'))).toMatchObject({
      status: 'unknown',
      detail: 'eacces',
    });
  });
  test('without a CA in the inventory neither', () => {
    const nameless = { ca: { trustedUserCaKeys: '/x', fingerprints: [] } };
    const outcome = judge({ logins: ok(log(login({ at }, 'agt-x', '1'))) }, {}, nameless);
    expect(outcome).toMatchObject({ status: 'unknown', detail: expect.stringContaining('names no CA') });
    expect(judge({ logins: ok(log(login({ at }, 'adm-x', '1'))) }, {}, nameless).status).toBe('pass');
  });
  test('a log of logins with a hole is no trace', () => {
    expect(judge({ logins: ok(log(), 'text log') })).toMatchObject({ status: 'unknown', detail: 'text log' });
    expect(judge({ logins: not('denied', 'journal') })).toMatchObject({
      status: 'unknown',
      detail: 'journal',
    });
  });
});

describe('unknown', () => {
  test.each(['accounts', 'certificates', 'privateKeys', 'schedules', 'wrappers'] as const)(
    '%s not collected, or with a gap; a fail stands',
    (fact) => {
      expect(judge({ [fact]: not('not-collected', 'x') }).status).toBe('unknown');
      expect(judge({ [fact]: { ...soundHost[fact], gaps: ['hole'] } })).toMatchObject({
        status: 'unknown',
        detail: 'hole',
      });
      const direct = ok([job({ callsSsh: ['ssh'] })], 'hole');
      expect(judge({ [fact]: { ...soundHost[fact], gaps: ['hole'] }, schedules: direct }).status).toBe(
        'fail',
      );
    },
  );
  test('principals files are needed only where the inventory does not say whose accounts are whose', () => {
    expect(judge({ principalsFiles: not('not-collected', 'x') }).status).toBe('unknown');
    expect(
      judge(
        { principalsFiles: not('not-collected', 'x') },
        {},
        { accounts: { adm: [], agt: [], atm: ['auto'] } },
      ).status,
    ).toBe('pass');
  });
});
