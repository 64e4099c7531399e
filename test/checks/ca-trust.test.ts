import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caTrust } from '../../checks/ca-trust.js';
import type { SshdCase } from '../../src/facts/types.js';
import type { Outcome } from '../../src/model.js';
import { collectNeeds, type PrivateHost } from '../helpers/collect.js';
import {
  CA_PATH,
  CONFIG,
  expectationsOf,
  factsOf,
  findingsOf,
  inputOf,
  soundHost,
  testKeys,
  type KeyFacts,
  type TestKey,
} from '../helpers/keys-host.js';
import { title } from '../helpers/needs.js';

const need = collectNeeds();
const NEEDS = caTrust.meta.needs.host;

describe.skipIf(need)(title('CA Trust on real hosts', need), () => {
  let keys: Record<'ca' | 'other' | 'user', TestKey>;
  let rsa: TestKey;
  let sound: KeyFacts;
  let remove: (() => void)[] = [];
  beforeAll(async () => {
    const made = await testKeys(['ca', 'other', 'user']);
    const rsaMade = await testKeys(['ca'], 'rsa');
    keys = made.keys;
    rsa = rsaMade.keys.ca;
    remove = [made.remove, rsaMade.remove];
    sound = factsOf(soundHost(keys.ca.line), NEEDS);
  });
  afterAll(() => remove.forEach((one) => one()));

  const judge = (more: PrivateHost): Outcome =>
    caTrust.evaluate(
      inputOf(factsOf(soundHost(keys.ca.line, more), NEEDS), expectationsOf([keys.ca.fingerprint])),
    );
  const subjects = (outcome: Outcome): string[] => findingsOf(outcome).map(({ subject }) => subject);

  test('a sound host passes and says what was looked at', () => {
    const outcome = caTrust.evaluate(inputOf(sound, expectationsOf([keys.ca.fingerprint])));
    expect(outcome).toMatchObject({
      status: 'pass',
      because: expect.stringContaining(keys.ca.fingerprint) as string,
    });
    expect(outcome).toMatchObject({
      evidence: expect.arrayContaining([
        expect.objectContaining({ probe: 'ca-keys', path: CA_PATH, line: 1 }),
      ]) as unknown[],
    });
  });

  test('a line that is no key stops the scan: the expected CA behind it is dead', () => {
    const outcome = judge({ files: { [CA_PATH]: `# CAs\ngarbage\n${keys.ca.line}\n` } });
    expect(findingsOf(outcome)).toEqual([
      expect.objectContaining({
        subject: `${CA_PATH} lacks ${keys.ca.fingerprint}`,
        at: { path: CA_PATH, line: 2 },
        message: expect.stringContaining('stops reading at line 2') as string,
      }),
    ]);
    expect(subjects(judge({ files: { [CA_PATH]: `\uFEFF${keys.ca.line}\n` } }))).toEqual([
      `${CA_PATH} lacks ${keys.ca.fingerprint}`,
    ]);
    expect(subjects(judge({ files: { [CA_PATH]: `cert-authority ${keys.ca.line}\n` } }))).toEqual([
      `${CA_PATH} lacks ${keys.ca.fingerprint}`,
    ]);
  });

  test('what stands behind a bad line, after all expected keys, is a remark', () => {
    expect(judge({ files: { [CA_PATH]: `${keys.ca.line}\r\n\ngarbage\n` } })).toMatchObject({
      status: 'pass',
      notes: [`sshd stops reading ${CA_PATH} at line 3; what follows is dead.`],
    });
  });

  test('a second CA key, and a missing one', () => {
    const extra = judge({ files: { [CA_PATH]: `${keys.ca.line}\n${keys.other.line} old CA\n` } });
    expect(findingsOf(extra)).toEqual([
      expect.objectContaining({
        subject: `${CA_PATH} trusts ${keys.other.fingerprint}`,
        at: { path: CA_PATH, line: 2 },
      }),
    ]);
    expect(subjects(judge({ files: { [CA_PATH]: `${keys.other.line}\n` } }))).toEqual([
      `${CA_PATH} lacks ${keys.ca.fingerprint}`,
      `${CA_PATH} trusts ${keys.other.fingerprint}`,
    ]);
    expect(subjects(judge({ files: { [CA_PATH]: '' } }))).toEqual([
      `${CA_PATH} lacks ${keys.ca.fingerprint}`,
    ]);
  });

  test.each([
    ['mode 0666', `chmod 666 ${CA_PATH}`, `${CA_PATH} can be written by everybody (mode 0666)`],
    ['mode 0664', `chmod 664 ${CA_PATH}`, `${CA_PATH} can be written by its group (mode 0664)`],
    ['owned by an account', `chown 2001 ${CA_PATH}`, `${CA_PATH} belongs to uid 2001 and not to root`],
    [
      'folder 0777',
      'chmod 777 /etc/ssh/ca',
      `the folder /etc/ssh/ca above ${CA_PATH} can be written by everybody (mode 0777)`,
    ],
    [
      'folder of an account',
      'chown 2001 /etc/ssh',
      `the folder /etc/ssh above ${CA_PATH} belongs to uid 2001 and not to root`,
    ],
    [
      'a link into a home',
      `mkdir /home/ops; chown 2001 /home/ops; mv ${CA_PATH} /home/ops/ca.pub; ln -s /home/ops/ca.pub ${CA_PATH}`,
      `the folder /home/ops above ${CA_PATH} belongs to uid 2001 and not to root`,
    ],
  ])('others can change the CA file: %s', (_name, before, subject) => {
    expect(subjects(judge({ before }))).toEqual([subject]);
  });

  test('mode 0000 is no fault: sshd reads it as root', () => {
    expect(judge({ before: `chmod 0 ${CA_PATH}` }).status).toBe('pass');
  });

  test.each([
    ['missing', `rm ${CA_PATH}`, 'does not exist'],
    ['a dangling link', `rm ${CA_PATH}; ln -s /nowhere/ca ${CA_PATH}`, 'does not exist'],
    ['a pipe', `rm ${CA_PATH}; mkfifo ${CA_PATH}`, 'no regular file but a fifo'],
    ['a folder', `rm ${CA_PATH}; mkdir ${CA_PATH}`, 'no regular file but a dir'],
    ['a device', `rm ${CA_PATH}; ln -s /dev/zero ${CA_PATH}`, 'no regular file but a char'],
  ])('the CA file is %s', (_name, before, says) => {
    expect(findingsOf(judge({ before }))[0]).toMatchObject({
      subject: CA_PATH,
      message: expect.stringContaining(says) as string,
    });
  });

  test('unset, another file, and another file for one group only', () => {
    expect(findingsOf(judge({ config: 'Port 2222\n' }))[0]).toMatchObject({
      subject: 'TrustedUserCAKeys (default)',
      message: expect.stringContaining('is not set') as string,
    });
    expect(subjects(judge({ config: CONFIG.replace(CA_PATH, '/etc/ssh/other.pub') }))).toEqual([
      '/etc/ssh/sshd_config:2',
    ]);
    const match = judge({
      config: `${CONFIG}Match Group ops\n  TrustedUserCAKeys /etc/ssh/other.pub\n`,
      files: { '/etc/ssh/other.pub': `${keys.other.line}\n` },
    });
    expect(findingsOf(match)).toEqual([
      expect.objectContaining({
        subject: '/etc/ssh/sshd_config:6',
        at: { path: '/etc/ssh/sshd_config', line: 6 },
        message: expect.stringContaining('account ops') as string,
        remediation: expect.stringContaining('inside `Match Group ops`') as string,
      }),
    ]);
  });

  test('a cert-authority line is a second CA, in any account, read or not', () => {
    const line = `CERT-AUTHORITY,principals="x" ${keys.other.line}\n`;
    const home = judge({ files: { '/home/ops/.ssh/authorized_keys2': `# mine\n\t${line}` } });
    expect(findingsOf(home)).toEqual([
      expect.objectContaining({
        subject: '/home/ops/.ssh/authorized_keys2:2',
        message: expect.stringContaining('“x”') as string,
      }),
    ]);
    const idle = judge({
      config: `AuthorizedKeysFile none\n${CONFIG}`,
      files: { '/root/.ssh/authorized_keys': line },
    });
    expect(findingsOf(idle)).toEqual([
      expect.objectContaining({
        subject: '/root/.ssh/authorized_keys:1',
        message: expect.stringContaining('today') as string,
      }),
    ]);
    expect(
      judge({
        files: {
          '/home/ops/.ssh/authorized_keys': `${keys.user.line}\nunknown-option,cert-authority ${keys.other.line}\n`,
        },
      }).status,
    ).toBe('pass');
  });

  test('a revocation list that is missing, broken, or revokes the CA', () => {
    const config = `RevokedKeys /etc/ssh/krl\n${CONFIG}`;
    expect(findingsOf(judge({ config }))[0]).toMatchObject({
      subject: '/etc/ssh/krl',
      message: expect.stringContaining('does not exist') as string,
    });
    expect(findingsOf(judge({ config, files: { '/etc/ssh/krl': 'junk\n' } }))[0]).toMatchObject({
      subject: '/etc/ssh/krl',
      message: expect.stringContaining('emergency keys included') as string,
    });
    const revokes = `/etc/ssh/krl revokes ${keys.ca.fingerprint}`;
    expect(subjects(judge({ config, before: `ssh-keygen -q -k -f /etc/ssh/krl ${CA_PATH}` }))).toEqual([
      revokes,
    ]);
    expect(subjects(judge({ config, files: { '/etc/ssh/krl': `${keys.ca.line}\n` } }))).toEqual([revokes]);
    expect(
      subjects(
        judge({
          config,
          before: `printf 'sha1: ' >/tmp/spec.$$; cat ${CA_PATH} >>/tmp/spec.$$; ssh-keygen -q -k -f /etc/ssh/krl /tmp/spec.$$; rm /tmp/spec.$$`,
        }),
      ),
    ).toEqual([revokes]);
    expect(
      subjects(judge({ config, files: { '/etc/ssh/krl': '' }, before: 'chmod 666 /etc/ssh/krl' })),
    ).toEqual(['/etc/ssh/krl can be written by everybody (mode 0666)']);
    expect(judge({ config, files: { '/etc/ssh/krl': `${keys.user.line}\n` } }).status).toBe('pass');
  });

  test('the policy may require a revocation list', () => {
    const outcome = caTrust.evaluate(
      inputOf(sound, expectationsOf([keys.ca.fingerprint]), { krl: 'required' }),
    );
    expect(findingsOf(outcome)[0]).toMatchObject({ subject: 'RevokedKeys (default)' });
  });

  test('certificates must be possible: key login on, certificate types and the CA’s algorithm accepted', () => {
    expect(findingsOf(judge({ config: `PubkeyAuthentication no\n${CONFIG}` }))[0]?.message).toContain(
      'PubkeyAuthentication for',
    );
    expect(
      findingsOf(judge({ config: `PubkeyAcceptedAlgorithms ssh-ed25519\n${CONFIG}` }))[0]?.message,
    ).toContain('names no certificate type');
    expect(
      findingsOf(judge({ config: `CASignatureAlgorithms ecdsa-sha2-nistp256\n${CONFIG}` }))[0]?.message,
    ).toContain('(ssh-ed25519)');
    const withRsa = (algorithms: string): Outcome =>
      caTrust.evaluate(
        inputOf(
          factsOf(soundHost(rsa.line, { config: `CASignatureAlgorithms ${algorithms}\n${CONFIG}` }), NEEDS),
          expectationsOf([rsa.fingerprint]),
        ),
      );
    expect(withRsa('rsa-sha2-256').status).toBe('pass');
    expect(findingsOf(withRsa('ssh-ed25519'))[0]?.remediation).toContain('rsa-sha2-512');
  });

  test('a key command may add a CA: nobody knows until it runs', () => {
    const config = `AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys %u\nAuthorizedKeysCommandUser nobody\n${CONFIG}`;
    expect(judge({ config })).toMatchObject({
      status: 'unknown',
      reason: 'no-evidence',
      detail: expect.stringContaining('sss_ssh_authorizedkeys') as string,
    });
  });

  test('the running daemon: options on its command line, and a configuration it has not read', () => {
    const option = judge({ sshd: ['-o', 'TrustedUserCAKeys=/etc/ssh/x.pub'] });
    expect(findingsOf(option)[0]).toMatchObject({
      subject: "TrustedUserCAKeys on sshd's command line",
      remediation: expect.stringContaining('restart') as string,
    });
    const stale = judge({ after: `touch -d '+1 hour' /etc/ssh/sshd_config` });
    expect(stale).toMatchObject({
      status: 'unknown',
      reason: 'disagreement',
      detail: expect.stringContaining('Reload sshd') as string,
    });
  });

  test('without fingerprints nothing is proven, but faults are found', () => {
    expect(caTrust.evaluate(inputOf(sound, expectationsOf([])))).toMatchObject({
      status: 'unknown',
      reason: 'not-configured',
      detail: expect.stringContaining(keys.ca.fingerprint) as string,
    });
    const facts = factsOf(soundHost(keys.ca.line, { before: `chmod 666 ${CA_PATH}` }), NEEDS);
    expect(caTrust.evaluate(inputOf(facts, expectationsOf([]))).status).toBe('fail');
    const empty = factsOf(soundHost('# nothing'), NEEDS);
    expect(findingsOf(caTrust.evaluate(inputOf(empty, expectationsOf([]))))[0]?.message).toContain(
      'trusts no key',
    );
  });

  test('no answer from sshd is no pass', () => {
    const outcome = judge({ config: `${CONFIG}NoSuchKeyword yes\n`, sshd: null });
    expect(outcome.status).toBe('unknown');
  });

  describe('with one fact taken away or altered', () => {
    const evaluate = (facts: Partial<KeyFacts>): Outcome =>
      caTrust.evaluate(inputOf({ ...sound, ...facts }, expectationsOf([keys.ca.fingerprint])));
    const unread = { ok: false, reason: 'denied', detail: 'not told' } as const;

    test.each(['sshd', 'daemons', 'caFiles', 'revokedKeys', 'authorizedKeys'] as const)(
      '%s is needed, and a gap in it counts',
      (name) => {
        expect(evaluate({ [name]: unread })).toMatchObject({ status: 'unknown' });
        expect(JSON.stringify(evaluate({ [name]: unread }))).toContain('not told');
        expect(evaluate({ [name]: { ...sound[name], gaps: ['half of it'] } })).toMatchObject({
          status: 'unknown',
          detail: 'half of it',
        });
      },
    );

    const withCase = (change: (settings: Record<string, readonly string[]>) => void): Outcome => {
      if (!sound.sshd.ok) throw new Error(sound.sshd.detail);
      const cases = sound.sshd.value.cases.map((one): SshdCase => {
        const settings = { ...one.settings };
        change(settings);
        return { ...one, settings };
      });
      return evaluate({ sshd: { ...sound.sshd, value: { ...sound.sshd.value, cases } } });
    };

    test('a keyword that is not printed', () => {
      for (const name of ['trustedusercakeys', 'pubkeyauthentication', 'pubkeyacceptedalgorithms']) {
        expect(withCase((settings) => delete settings[name])).toMatchObject({
          status: 'unknown',
          reason: 'unsupported',
          detail: expect.stringContaining(name) as string,
        });
      }
    });

    test('the words of old versions', () => {
      const old = withCase((settings) => {
        settings['pubkeyacceptedkeytypes'] = settings['pubkeyacceptedalgorithms'] ?? [];
        delete settings['pubkeyacceptedalgorithms'];
        delete settings['casignaturealgorithms'];
      });
      expect(old.status).toBe('pass');
      const refused = withCase((settings) => {
        settings['pubkeyacceptedkeytypes'] = ['ssh-ed25519,ssh-rsa'];
        delete settings['pubkeyacceptedalgorithms'];
      });
      expect(findingsOf(refused)[0]?.message).toContain('PubkeyAcceptedKeyTypes');
    });

    test('another server accepts logins', () => {
      if (!sound.daemons.ok) throw new Error(sound.daemons.detail);
      const listener = {
        pid: 7,
        program: 'tailscaled',
        executable: '/usr/sbin/tailscaled',
        commandLine: 'tailscaled',
        startedAt: null,
        sockets: [],
        overrides: [],
      };
      const daemons = { ...sound.daemons, value: { ...sound.daemons.value, listeners: [listener] } };
      expect(evaluate({ daemons })).toMatchObject({
        status: 'unknown',
        reason: 'unsupported',
        detail: expect.stringContaining('tailscaled') as string,
      });
      // Dropbear knows no certificates.
      const dropbear = {
        ...sound.daemons,
        value: { ...sound.daemons.value, listeners: [{ ...listener, program: 'dropbear' }] },
      };
      expect(evaluate({ daemons: dropbear }).status).toBe('pass');
    });

    test('a folder whose owner could not be read', () => {
      if (!sound.caFiles.ok) throw new Error(sound.caFiles.detail);
      const value = sound.caFiles.value.map((one) => ({
        ...one,
        file: {
          ...one.file,
          parents: one.file.parents.map((folder) => ({ ...folder, kind: 'missing' as const, uid: -1 })),
        },
      }));
      expect(evaluate({ caFiles: { ok: true, value, gaps: [] } })).toMatchObject({
        status: 'unknown',
        detail: expect.stringContaining('could not be read') as string,
      });
    });

    test('the CA file was not collected', () => {
      expect(evaluate({ caFiles: { ok: true, value: [], gaps: [] } })).toMatchObject({
        status: 'unknown',
        detail: `${CA_PATH} was not collected`,
      });
    });
  });
});
