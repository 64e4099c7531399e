import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { algorithms } from '../../../checks/guidance/algorithms.js';
import { createJudge, judgeRsaSize } from '../../../checks/guidance/lib/algorithm-policy.js';
import { RULES } from '../../../checks/guidance/lib/algorithms/index.js';
import { REVIEWED, type Kind } from '../../../checks/guidance/lib/algorithms/rule.js';
import { readOffer } from '../../../src/facts/offer.js';
import type { AlgorithmOffer, DaemonFacts, SshdCase } from '../../../src/facts/types.js';
import type { Expectations, HostEvidence, Outcome, Policy, Reading } from '../../../src/model.js';
import { defaultPolicy } from '../../../src/policy.js';
import { daemonFacts, listener, ok, sshdCase, sshdFacts } from '../sshd-cases.js';

const SEED = 20261121;
const NOW = new Date('2026-11-21T02:00:00Z');
const LATER = new Date('2031-01-01T00:00:00Z');
const expected: Expectations = {
  host: 'h',
  tags: [],
  allowedPrincipals: { adm: [], agt: [], atm: [] },
  ca: { trustedUserCaKeys: '/etc/ssh/ca/ca_user.pub', fingerprints: [] },
};

/** Nothing in it to remark on. */
const BEST: AlgorithmOffer = {
  kex: ['mlkem768x25519-sha256', 'sntrup761x25519-sha512', 'curve25519-sha256'],
  hostKey: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519'],
  ciphers: ['chacha20-poly1305@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr'],
  macs: ['hmac-sha2-256-etm@openssh.com', 'umac-128-etm@openssh.com'],
  compression: ['none', 'zlib@openssh.com'],
  strictKex: true,
  hostKeys: [
    { type: 'ssh-ed25519', bits: 256, fingerprint: 'SHA256:ed' },
    { type: 'ssh-rsa', bits: 3072, fingerprint: 'SHA256:rsa' },
  ],
  serverVersion: 'SSH-2.0-OpenSSH_10.0p2',
};

/** `sshd -T` of the server that makes this offer. */
function caseOf(offer: AlgorithmOffer, more: Partial<SshdCase> = {}, extraHostKeys = ''): SshdCase {
  const printed = [
    `kexalgorithms ${offer.kex.join(',')}`,
    `ciphers ${offer.ciphers.join(',')}`,
    `macs ${offer.macs.join(',')}`,
    `hostkeyalgorithms ${offer.hostKey.join(',')}${extraHostKeys}`,
  ];
  return sshdCase(printed.join('\n'), more);
}

interface Given {
  readonly offer?: Reading<AlgorithmOffer>;
  readonly cases?: readonly SshdCase[];
  readonly daemons?: DaemonFacts;
  readonly policy?: Partial<Policy>;
  readonly now?: Date;
}

function judge({ offer = ok(BEST), cases, daemons, policy, now = NOW }: Given = {}): Outcome {
  return algorithms.evaluate({
    host: {
      offer,
      sshd: ok(sshdFacts(...(cases ?? [caseOf(offer.ok ? offer.value : BEST)]))),
      daemons: ok(daemons ?? daemonFacts()),
    },
    fleet: {},
    expected,
    policy: { ...defaultPolicy(), ...policy },
    now,
  });
}

const offering = (more: Partial<AlgorithmOffer>): Given => ({ offer: ok({ ...BEST, ...more }) });
const findings = (outcome: Outcome) => (outcome.status === 'fail' ? outcome.findings : []);
const subjects = (outcome: Outcome): string[] => findings(outcome).map(({ subject }) => subject);
const notes = (outcome: Outcome): string => (outcome.notes ?? []).join('\n');
const missing = (outcome: Outcome): string =>
  outcome.status === 'unknown' ? [outcome.detail, ...(outcome.missing ?? [])].join('\n') : '';

describe('algorithms', () => {
  test('an offer without blemish passes without a note, and says what was looked at', () => {
    const outcome = judge();
    expect(outcome).toMatchObject({ status: 'pass' });
    expect(outcome.notes).toBeUndefined();
    expect(outcome.status === 'pass' && outcome.because).toBe(
      `the offer of SSH-2.0-OpenSSH_10.0p2 was read whole (key exchanges: 3, host key algorithms: 3, ciphers: 3, MACs: 2), with strict key exchange; sshd -T names the same. The rules reviewed on ${REVIEWED} accept all of it.`,
    );
    expect(outcome.status === 'pass' && outcome.evidence.map(({ excerpt }) => excerpt)).toContain(
      'SSH_MSG_KEXINIT cipher: chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes256-ctr',
    );
  });

  test.each<[keyof AlgorithmOffer & ('kex' | 'hostKey' | 'ciphers' | 'macs'), string, string]>([
    ['kex', 'diffie-hellman-group1-sha1', 'key exchange'],
    ['kex', 'diffie-hellman-group14-sha1', 'key exchange'],
    ['kex', 'diffie-hellman-group-exchange-sha1', 'key exchange'],
    ['kex', 'gss-group14-sha1-toWM5Slw5Ew8Mqkay+al2g==', 'key exchange'],
    ['kex', 'rsa1024-sha1', 'key exchange'],
    ['hostKey', 'ssh-rsa', 'host key algorithm'],
    ['hostKey', 'ssh-dss', 'host key algorithm'],
    ['hostKey', 'ssh-rsa-cert-v01@openssh.com', 'host key algorithm'],
    ['ciphers', 'aes256-cbc', 'cipher'],
    ['ciphers', 'rijndael-cbc@lysator.liu.se', 'cipher'],
    ['ciphers', '3des-cbc', 'cipher'],
    ['ciphers', 'arcfour256', 'cipher'],
    ['ciphers', 'none', 'cipher'],
    ['macs', 'hmac-md5', 'MAC'],
    ['macs', 'hmac-sha1-96-etm@openssh.com', 'MAC'],
    ['macs', 'hmac-ripemd160@openssh.com', 'MAC'],
    ['macs', 'none', 'MAC'],
  ])('%s: %s fails, alone, with its line and its remedy', (list, name, kind) => {
    const outcome = judge(offering({ [list]: [...BEST[list], name] }));
    expect(subjects(outcome)).toEqual([`${kind} ${name}`]);
    const [finding] = findings(outcome);
    expect(finding?.message).toMatch(new RegExp(`^The server offers the ${kind} `));
    expect(finding?.evidence.map(({ probe }) => probe)).toEqual(['handshake', 'sshd']);
    expect(finding?.remediation).toContain(`-${name}\``);
  });

  describe('the remedy', () => {
    const offer = { ...BEST, ciphers: [...BEST.ciphers, '3des-cbc'] };
    const old = (files: Readonly<Record<string, string>>, more: Partial<SshdCase> = {}) => {
      const facts = sshdFacts(caseOf(offer), ...(more.daemon ? [caseOf(offer, more)] : []));
      const [file] = facts.files;
      const stat = file?.stat ?? expect.fail('no file');
      const outcome = algorithms.evaluate({
        host: {
          offer: ok(offer),
          sshd: ok({ ...facts, files: Object.entries(files).map(([path, text]) => ({ path, text, stat })) }),
          daemons: ok(daemonFacts()),
        },
        fleet: {},
        expected,
        policy: defaultPolicy(),
        now: NOW,
      });
      return findings(outcome);
    };

    test('names the only line that sets the list', () => {
      const [finding] = old({
        '/etc/ssh/sshd_config': 'Include /etc/ssh/sshd_config.d/*.conf\n# Ciphers none\nMACs x\n',
        '/etc/ssh/sshd_config.d/old.conf': '\n\n\tciphers=+3des-cbc\n',
      });
      expect(finding).toMatchObject({
        at: { path: '/etc/ssh/sshd_config.d/old.conf', line: 3 },
        remediation: expect.stringContaining('take 3des-cbc out of `Ciphers` in line 3') as string,
      });
    });

    test('names none where several do, and the system’s policy where that is it', () => {
      const [several] = old({ '/etc/ssh/sshd_config': 'Ciphers +3des-cbc\nCiphers aes256-ctr\n' });
      expect(several?.at).toBeUndefined();
      expect(several?.remediation).toContain('Put `Ciphers -3des-cbc` at the top of /etc/ssh/sshd_config');
      const [system] = old({ '/etc/crypto-policies/back-ends/opensshserver.config': 'Ciphers 3des-cbc\n' });
      expect(system?.remediation).toContain('update-crypto-policies');
    });

    test('keeps the files of two daemons apart', () => {
      const daemon = { command: 'sshd -f /r', startedBy: 'pid 9', configFile: '/r' };
      const found = old(
        { '/etc/ssh/sshd_config': 'Ciphers +3des-cbc\n', '/r': '\nCiphers +3des-cbc\n' },
        { daemon },
      );
      expect(found.map(({ at }) => at)).toEqual([
        { path: '/etc/ssh/sshd_config', line: 1 },
        { path: '/r', line: 2 },
      ]);
    });
  });

  test('what is to be replaced is a note with its day, and fails from that day on', () => {
    const given = offering({
      kex: [...BEST.kex, 'diffie-hellman-group14-sha256'],
      macs: [...BEST.macs, 'hmac-sha1', 'hmac-sha1-etm@openssh.com', 'umac-64@openssh.com'],
    });
    const today = judge(given);
    expect(today.status).toBe('pass');
    expect(notes(today)).toContain('To be replaced: MAC hmac-sha1, hmac-sha1-etm@openssh.com: ');
    expect(notes(today)).toContain('it fails from 2031-01-01 on');
    expect(notes(today)).toContain('umac-64@openssh.com: its tag of 64 bits is short');
    expect(subjects(judge({ ...given, now: LATER }))).toEqual([
      'key exchange diffie-hellman-group14-sha256',
      'MAC hmac-sha1',
      'MAC hmac-sha1-etm@openssh.com',
    ]);
  });

  test('NIST curves and groups of unknown size are notes only', () => {
    const outcome = judge(
      offering({
        kex: [
          ...BEST.kex,
          'ecdh-sha2-nistp256',
          'ecdh-sha2-nistp521',
          'diffie-hellman-group-exchange-sha256',
        ],
        hostKey: [...BEST.hostKey, 'ecdsa-sha2-nistp256'],
      }),
    );
    expect(outcome.status).toBe('pass');
    expect(outcome.notes).toHaveLength(3);
    expect(notes(outcome)).toContain(
      'key exchange ecdh-sha2-nistp256, ecdh-sha2-nistp521: no weakness is known',
    );
  });

  test('no post-quantum key exchange is a note', () => {
    const outcome = judge(offering({ kex: ['curve25519-sha256'] }));
    expect(outcome.status).toBe('pass');
    expect(notes(outcome)).toContain('No post-quantum key exchange is offered');
  });

  test.each<[string, Partial<AlgorithmOffer>, boolean]>([
    ['ChaCha20', { strictKex: false }, true],
    ['AES-CTR with -etm', { strictKex: false, ciphers: ['aes256-ctr'] }, false],
    ['AES-GCM', { strictKex: false, ciphers: ['aes256-gcm@openssh.com'] }, false],
    ['CBC with -etm', { strictKex: false, ciphers: ['aes256-ctr', 'aes256-cbc'] }, true],
    ['CBC without -etm', { strictKex: false, ciphers: ['aes256-cbc'], macs: ['hmac-sha2-256'] }, false],
    ['ChaCha20 with strict key exchange', {}, false],
  ])('Terrapin: %s', (_what, more, open) => {
    expect(subjects(judge(offering(more))).includes('strict key exchange')).toBe(open);
  });

  test.each<[number, string]>([
    [1024, 'fail'],
    [2047, 'fail'],
    [2048, 'warn'],
    [3071, 'warn'],
    [3072, 'sound'],
    [4096, 'sound'],
  ])('an RSA host key of %i bits: %s', (bits, level) => {
    expect(judgeRsaSize(bits, NOW).level).toBe(level);
    const outcome = judge(offering({ hostKeys: [{ type: 'ssh-rsa', bits, fingerprint: 'SHA256:r' }] }));
    expect(subjects(outcome)).toEqual(level === 'fail' ? ['host key SHA256:r'] : []);
    expect(notes(outcome).includes('SHA256:r')).toBe(level === 'warn');
  });

  test('an RSA key of 2048 bits fails from 2031 on', () => {
    expect(judgeRsaSize(2048, LATER).level).toBe('fail');
    expect(judgeRsaSize(2048, new Date('2030-12-31T23:59:59Z'))).toMatchObject({
      level: 'warn',
      failsFrom: '2031-01-01',
    });
  });

  test('an RSA host key that was not seen is no pass', () => {
    const outcome = judge(
      offering({ hostKeys: [{ type: 'ssh-ed25519', bits: 256, fingerprint: 'SHA256:ed' }] }),
    );
    expect(outcome).toMatchObject({ status: 'unknown', reason: 'no-evidence' });
    expect(missing(outcome)).toContain('it proved itself with ssh-ed25519');
    expect(judge(offering({ hostKey: ['ssh-ed25519'], hostKeys: [] })).status).toBe('pass');
  });

  test('SSH 1 beside SSH 2 fails', () => {
    expect(subjects(judge(offering({ serverVersion: 'SSH-1.99-OpenSSH_6.0' })))).toEqual(['protocol SSH 1']);
  });

  test('a name nobody has judged is no pass, until the policy says something of it', () => {
    const given = offering({ ciphers: [...BEST.ciphers, 'twofish256-ctr'] });
    const outcome = judge(given);
    expect(outcome).toMatchObject({ status: 'unknown', reason: 'unsupported' });
    expect(missing(outcome)).toContain('cipher twofish256-ctr: the rules reviewed on');
    const allowed = judge({ ...given, policy: { algorithms: { allow: ['twofish*'], deny: [] } } });
    expect(allowed.status).toBe('pass');
    expect(notes(allowed)).toContain('cipher twofish256-ctr: the policy allows it');
    const denied = judge({ ...given, policy: { algorithms: { allow: ['twofish*'], deny: ['*-ctr'] } } });
    expect(subjects(denied)).toEqual(['cipher aes256-ctr', 'cipher twofish256-ctr']);
  });

  test('what the policy allows is a note that says what would hold without it', () => {
    const outcome = judge({
      ...offering({ macs: [...BEST.macs, 'hmac-md5'] }),
      policy: { algorithms: { allow: ['hmac-md5'], deny: [] } },
    });
    expect(outcome.status).toBe('pass');
    expect(notes(outcome)).toContain('though a broken hash');
  });
});

describe('algorithms without a handshake, or beside it', () => {
  const unseen: Reading<AlgorithmOffer> = { ok: false, reason: 'not-collected', detail: 'asked over ssm' };

  test('sshd -T alone can fail and never passes', () => {
    expect(judge({ offer: unseen, cases: [caseOf(BEST)] })).toMatchObject({
      status: 'unknown',
      reason: 'not-collected',
      detail: 'asked over ssm',
    });
    const old = judge({ offer: unseen, cases: [caseOf({ ...BEST, ciphers: ['3des-cbc', 'aes256-ctr'] })] });
    expect(subjects(old)).toEqual(['cipher 3des-cbc']);
    expect(findings(old)[0]?.message).toContain('sshd is configured to offer the cipher 3des-cbc');
    expect(findings(old)[0]?.evidence.map(({ probe }) => probe)).toEqual(['sshd']);
  });

  test('a host key algorithm that is only configured needs a key that was not seen', () => {
    const outcome = judge({ offer: unseen, cases: [caseOf(BEST, {}, ',ssh-rsa')] });
    expect(outcome.status).toBe('unknown');
    expect(missing(outcome)).toContain('host key algorithm ssh-rsa (configured for sshd)');
    // The server that answered has no such key: it would have offered it.
    expect(judge({ cases: [caseOf(BEST, {}, ',ssh-rsa,ssh-dss')] }).status).toBe('pass');
  });

  test('a server that runs with other settings than sshd -T prints is told', () => {
    const outcome = judge({ cases: [caseOf({ ...BEST, ciphers: ['aes256-ctr'] })] });
    expect(outcome).toMatchObject({ status: 'unknown', reason: 'disagreement' });
    expect(missing(outcome)).toContain(
      'only the server names chacha20-poly1305@openssh.com, aes256-gcm@openssh.com. Restart',
    );
  });

  test('what only the next start of sshd will offer fails already', () => {
    const outcome = judge({ cases: [caseOf({ ...BEST, macs: [...BEST.macs, 'hmac-md5'] })] });
    expect(subjects(outcome)).toEqual(['MAC hmac-md5']);
    expect(findings(outcome)[0]?.message).toContain('for the next start of sshd');
  });

  test('GSSAPI’s key exchanges stand in no KexAlgorithms', () => {
    const gss = 'gss-group16-sha512-toWM5Slw5Ew8Mqkay+al2g==';
    expect(judge({ offer: ok({ ...BEST, kex: [gss, ...BEST.kex] }), cases: [caseOf(BEST)] }).status).toBe(
      'pass',
    );
  });

  test('a second sshd is judged by its configuration, and the answer may have been its', () => {
    const daemon = {
      command: '/usr/sbin/sshd -f /etc/ssh/rescue',
      startedBy: 'pid 9',
      configFile: '/etc/ssh/rescue',
    };
    const second = caseOf({ ...BEST, ciphers: ['aes128-cbc'] }, { daemon });
    const outcome = judge({ cases: [caseOf(BEST), second] });
    expect(subjects(outcome)).toEqual([`cipher aes128-cbc of \`${daemon.command}\``]);
    expect(findings(outcome)[0]?.remediation).toContain('/etc/ssh/rescue');
    const main = caseOf({ ...BEST, macs: ['hmac-sha2-512-etm@openssh.com'] });
    expect(judge({ cases: [main, caseOf(BEST, { daemon })] }).status).toBe('pass');
  });

  test('another program that takes logins is no pass, unless it is the one that answered', () => {
    const daemons = daemonFacts({ listeners: [listener('dropbear')] });
    expect(judge({ daemons })).toMatchObject({ status: 'unknown', reason: 'unsupported' });
    expect(judge({ ...offering({ serverVersion: 'SSH-2.0-dropbear_2022.83' }), daemons }).status).toBe(
      'pass',
    );
  });

  test('an sshd -T without these keywords proves nothing', () => {
    expect(judge({ cases: [sshdCase('')] })).toMatchObject({ status: 'unknown', reason: 'no-evidence' });
  });

  test.each(['7.8', '8.0', '8.4', '9.2', '10.0', '10.6'])('every default name of %s is judged', (version) => {
    const text = readFileSync(
      new URL(`../../fixtures/sshd-t/sshd-T-default-${version}.txt`, import.meta.url),
      'utf8',
    );
    const outcome = judge({ offer: unseen, cases: [sshdCase(text)] });
    expect(missing(outcome)).not.toContain('do not know it');
    // 8.4 still signs with SHA-1 by default, if it has an RSA key.
    expect(missing(outcome).includes('ssh-rsa')).toBe(version === '8.4');
  });
});

describe('the rules', () => {
  test('every step has a day, a reason and a source, and a rule’s steps are in order', () => {
    for (const { steps } of Object.values(RULES).flat()) {
      const days = steps.map(({ from }) => from);
      expect(days.toSorted()).toEqual(days);
      for (const { from, why, source } of steps) {
        expect(new Date(from).toISOString().slice(0, 10)).toBe(from);
        expect(why.length * source.length).toBeGreaterThan(0);
      }
    }
  });

  test('docs/guidance-algorithms.md tells the day they were reviewed', () => {
    const text = readFileSync(new URL('../../../docs/guidance-algorithms.md', import.meta.url), 'utf8');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`last reviewed on ${REVIEWED}`);
  });

  test('no name of any shape makes a judgement hang or throw', () => {
    const verdictOf = createJudge({ algorithms: { allow: ['*a*a*a*b'], deny: ['*-x-*'] } }, NOW);
    const kinds: readonly Kind[] = ['kex', 'hostKey', 'cipher', 'mac', 'compression'];
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.string({ maxLength: 100 }), (kind, name) => {
        const { level, why } = verdictOf(kind, name);
        expect(['sound', 'note', 'warn', 'fail', 'unjudged']).toContain(level);
        expect(why).not.toBe('');
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('the offer as a fact', () => {
  const evidence = (more: Partial<HostEvidence>): HostEvidence => ({
    schema: 1,
    host: 'h',
    startedAt: '2026-11-21T02:00:00.000Z',
    finishedAt: '2026-11-21T02:00:05.000Z',
    probes: {},
    ...more,
  });
  const lists = {
    kex: 'curve25519-sha256,ext-info-s,kex-strict-s-v00@openssh.com',
    hostKey: 'ssh-ed25519',
    ciphersToServer: 'aes256-ctr',
    ciphersToClient: 'aes256-ctr,aes128-cbc',
    macsToServer: 'hmac-sha2-256',
    macsToClient: 'hmac-sha2-256',
    compressionToServer: 'none',
    compressionToClient: 'none',
  };

  test('both directions together, markers apart', () => {
    const reading = readOffer(evidence({ handshake: { kexInit: lists, hostKeys: [] } }));
    expect(reading).toMatchObject({
      ok: true,
      gaps: [],
      value: { kex: ['curve25519-sha256'], ciphers: ['aes256-ctr', 'aes128-cbc'], strictKex: true },
    });
  });

  test('an older run, another transport and a cut list say so', () => {
    const connection = { transport: 'ssh', address: 'h', port: 22, user: 'a', route: [] } as const;
    const detail = (given: Partial<HostEvidence>): string => {
      const reading = readOffer(evidence(given));
      return reading.ok ? reading.gaps.join() : `${reading.reason}: ${reading.detail}`;
    };
    expect(detail({ connection })).toContain('not-collected: what the server offers was not kept');
    expect(detail({ connection: { ...connection, transport: 'ssm' } })).toContain('asked over ssm');
    const many = Array.from({ length: 400 }, (_, at) => `x${at}`).join(',');
    expect(detail({ handshake: { kexInit: { ...lists, macsToClient: many }, hostKeys: [] } })).toContain(
      'more than 300 MACs',
    );
    expect(detail({ handshake: { kexInit: lists, hostKeys: ['AAAA', '*'] } })).toContain(
      'host key could not be read',
    );
  });

  test('any lists and keys give a reading', () => {
    const list = fc.string({ maxLength: 200 });
    const record = fc.record(
      Object.fromEntries(Object.keys(lists).map((name) => [name, list])) as Record<
        keyof typeof lists,
        typeof list
      >,
    );
    fc.assert(
      fc.property(
        record,
        fc.array(fc.base64String({ maxLength: 200 }), { maxLength: 4 }),
        (kexInit, hostKeys) => {
          const offer = readOffer(evidence({ handshake: { kexInit, hostKeys } }));
          expect(offer.ok).toBe(true);
          expect(judge({ offer }).status).toMatch(/^(pass|fail|unknown)$/);
        },
      ),
      { seed: SEED, numRuns: 300 },
    );
  });
});
