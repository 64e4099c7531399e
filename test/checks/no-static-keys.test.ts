import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noStaticKeys } from '../../checks/no-static-keys.js';
import type { EmergencyKey, Outcome } from '../../src/model.js';
import { collectNeeds, type PrivateHost } from '../helpers/collect.js';
import {
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
const NEEDS = noStaticKeys.meta.needs.host;

describe.skipIf(need)(title('No Static Keys on real hosts', need), () => {
  let keys: Record<'ca' | 'user' | 'emergency', TestKey>;
  let sound: KeyFacts;
  let remove: () => void = () => undefined;
  beforeAll(async () => {
    ({ keys, remove } = await testKeys(['ca', 'user', 'emergency']));
    sound = factsOf(soundHost(keys.ca.line), NEEDS);
  });
  afterAll(() => remove());

  const judge = (more: PrivateHost, emergency: Partial<EmergencyKey> | null = null): Outcome => {
    const emergencyKeys = emergency
      ? [{ fingerprint: keys.emergency.fingerprint, hosts: [], accounts: [], ...emergency }]
      : [];
    return noStaticKeys.evaluate(
      inputOf(factsOf(soundHost(keys.ca.line, more), NEEDS), expectationsOf([keys.ca.fingerprint]), {
        emergencyKeys,
      }),
    );
  };
  const subjects = (outcome: Outcome): string[] => findingsOf(outcome).map(({ subject }) => subject);
  const only = (files: Record<string, string>, more: PrivateHost = {}): string[] =>
    subjects(judge({ ...more, files }));

  test('a host without keys passes and says how many accounts were looked at', () => {
    expect(noStaticKeys.evaluate(inputOf(sound, expectationsOf([])))).toMatchObject({
      status: 'pass',
      because: expect.stringMatching(/of \d\d accounts/) as string,
    });
  });

  test('comments and blank lines are no keys', () => {
    expect(
      judge({ files: { '/home/ops/.ssh/authorized_keys': `# ${keys.user.line}\n\n  \t\n` } }),
    ).toMatchObject({
      status: 'pass',
      evidence: [expect.objectContaining({ path: '/home/ops/.ssh/authorized_keys', excerpt: 'no key line' })],
    });
  });

  test('a key in the first file, and one in the second only', () => {
    const outcome = judge({ files: { '/home/ops/.ssh/authorized_keys': `${keys.user.line} laptop\n` } });
    expect(findingsOf(outcome)).toEqual([
      expect.objectContaining({
        subject: '/home/ops/.ssh/authorized_keys:1',
        at: { path: '/home/ops/.ssh/authorized_keys', line: 1 },
        message: expect.stringMatching(
          /SHA256:\S+ \(“laptop”\): its holder logs in as ops without the CA/,
        ) as string,
      }),
    ]);
    expect(only({ '/home/ops/.ssh/authorized_keys2': keys.user.line })).toEqual([
      '/home/ops/.ssh/authorized_keys2:1',
    ]);
  });

  test('root, service homes, accounts without a shell, homes with blanks and links', () => {
    const found = only(
      {
        '/root/.ssh/authorized_keys': keys.user.line,
        '/home/auto/.ssh/authorized_keys': keys.user.line,
        '/home/srv pg/.ssh/authorized_keys': keys.user.line,
        '/etc/real/kim/.ssh/authorized_keys': keys.user.line,
      },
      {
        passwd: [
          'auto:x:2003:2003::/home/auto:/usr/sbin/nologin',
          'pg:x:990:990::/home/srv pg:/bin/false',
          'kim:x:2009:100::/home/link/kim:/bin/sh',
          'toor:x:0:0::/root:/bin/sh',
        ],
        before: 'ln -s /etc/real /home/link',
      },
    );
    expect(found.toSorted()).toEqual([
      '/home/auto/.ssh/authorized_keys:1',
      '/home/link/kim/.ssh/authorized_keys:1',
      '/home/srv pg/.ssh/authorized_keys:1',
      '/root/.ssh/authorized_keys:1',
    ]);
  });

  test('keys that hide: behind a long line, behind options with quotes, without a final newline, with carriage returns', () => {
    const tricky = [
      `#${'x'.repeat(10)}`,
      'j'.repeat(300_000),
      `\t command="echo \\" ssh-ed25519 AAAA",no-pty ${keys.user.line}\r`,
      keys.emergency.line,
    ].join('\n');
    expect(only({ '/home/ops/.ssh/authorized_keys': tricky })).toEqual([
      '/home/ops/.ssh/authorized_keys:3',
      '/home/ops/.ssh/authorized_keys:4',
    ]);
  });

  test('lines sshd ignores are remarks, and so are those that only look like keys', () => {
    const lines = [`no-such-option ${keys.user.line}`, `command="${keys.user.line}" junk`, 'junk'].join('\n');
    const outcome = judge({ files: { '/home/ops/.ssh/authorized_keys': lines } });
    expect(outcome).toMatchObject({
      status: 'pass',
      notes: [expect.stringContaining(`:1 holds the key ${keys.user.fingerprint} on a line sshd ignores`)],
    });
  });

  test('a key of a type unknown here still counts', () => {
    const name = 'ssh-next-generation@example.com';
    const blob = Buffer.concat([
      Buffer.from([0, 0, 0, name.length]),
      Buffer.from(name),
      Buffer.alloc(64, 7),
    ]).toString('base64');
    const outcome = judge({ files: { '/home/ops/.ssh/authorized_keys': `${name} ${blob}\n` } });
    expect(findingsOf(outcome)[0]?.message).toContain('is not known here');
  });

  test('paths outside homes, with tokens and blanks, for some accounts only, and for names that are no account', () => {
    const config = `${CONFIG}AuthorizedKeysFile "/etc/ssh/my keys/%u" none%%/%U\nMatch User agent\n  AuthorizedKeysFile /etc/ssh/agents/%u/%U\n`;
    const outcome = judge({
      config,
      files: {
        '/etc/ssh/my keys/ops': keys.user.line,
        '/etc/ssh/my keys/ghost': keys.user.line,
        '/etc/ssh/my keys/agent': keys.user.line,
        '/etc/ssh/my': keys.emergency.line,
        '/etc/ssh/agents/agent/2002': keys.user.line,
        '/home/ops/none%/2001': keys.user.line,
      },
    });
    const messages = Object.fromEntries(
      findingsOf(outcome).map(({ subject, message }) => [subject, message]),
    );
    expect(Object.keys(messages).toSorted()).toEqual([
      '/etc/ssh/agents/agent/2002:1',
      '/etc/ssh/my keys/agent:1',
      '/etc/ssh/my keys/ghost:1',
      '/etc/ssh/my keys/ops:1',
      '/etc/ssh/my:1',
      '/home/ops/none%/2001:1',
    ]);
    expect(messages['/etc/ssh/my keys/ops:1']).toContain('logs in as ops');
    expect(messages['/etc/ssh/agents/agent/2002:1']).toContain('logs in as agent');
    expect(messages['/etc/ssh/my keys/ghost:1']).toContain('no account today');
    for (const idle of ['/etc/ssh/my keys/agent:1', '/etc/ssh/my:1'])
      expect(messages[idle]).toContain('no configuration makes sshd read this file');
  });

  test('a file that all accounts share is one finding', () => {
    const outcome = judge({
      config: `AuthorizedKeysFile /etc/ssh/everybody\n${CONFIG}`,
      files: { '/etc/ssh/everybody': keys.user.line },
    });
    expect(findingsOf(outcome)).toEqual([
      expect.objectContaining({
        subject: '/etc/ssh/everybody:1',
        message: expect.stringMatching(/and \d\d more without the CA/) as string,
      }),
    ]);
  });

  test('files that sshd no longer reads should be empty all the same', () => {
    const outcome = judge({
      config: `AuthorizedKeysFile none\n${CONFIG}`,
      files: { '/home/ops/.ssh/authorized_keys': keys.user.line },
    });
    expect(findingsOf(outcome)).toEqual([
      expect.objectContaining({
        message: expect.stringContaining(
          'no configuration makes sshd read this file for ops today',
        ) as string,
      }),
    ]);
  });

  test('a command that prints keys', () => {
    const config = `AuthorizedKeysFile none\nAuthorizedKeysCommand /etc/ssh/print %u\nAuthorizedKeysCommandUser nobody\n${CONFIG}`;
    const outcome = judge({
      config,
      before: 'printf "#!/bin/sh\\ntouch /etc/was-run\\n" >/etc/ssh/print; chmod 755 /etc/ssh/print',
      after: '[ ! -e /etc/was-run ]',
    });
    expect(findingsOf(outcome)).toEqual([
      expect.objectContaining({
        subject: '/etc/ssh/sshd_config:2',
        message: expect.stringContaining('/etc/ssh/print %u') as string,
      }),
    ]);
    const onLine = judge({
      sshd: [
        '-o',
        'AuthorizedKeysCommand=/usr/share/ec2-instance-connect/eic_run_authorized_keys %u %f',
        '-o',
        'AuthorizedKeysCommandUser=nobody',
      ],
    });
    expect(findingsOf(onLine)[0]).toMatchObject({ subject: "AuthorizedKeysCommand on sshd's command line" });
  });

  describe('emergency keys', () => {
    const at = (account: string): PrivateHost => ({
      files: {
        [`/home/${account}/.ssh/authorized_keys`]: `from="10.0.0.0/8",no-pty ${keys.emergency.line} break-glass\n`,
      },
    });

    test('allowed here: a remark', () => {
      expect(
        judge(at('ops'), { hosts: ['web-*'], accounts: ['ops'], expires: '2026-12-01T00:00:00Z' }),
      ).toMatchObject({
        status: 'pass',
        notes: [expect.stringContaining('which the policy allows here')],
      });
    });

    test.each([
      ['on another host', { hosts: ['db-*'] }],
      ['in another account', { accounts: ['root'] }],
      ['after its time', { expires: '2026-11-21T01:59:59Z' }],
    ])('not allowed %s', (_name, scope) => {
      expect(findingsOf(judge(at('ops'), scope))[0]?.message).toContain(
        'not for this host and account, or no longer',
      );
    });

    test('never as a CA, and never for a name that is no account', () => {
      const ca = judge(
        { files: { '/home/ops/.ssh/authorized_keys': `cert-authority ${keys.emergency.line}\n` } },
        {},
      );
      expect(findingsOf(ca)[0]?.message).toContain('never as a CA');
      const ghost = judge(
        {
          config: `AuthorizedKeysFile /etc/ssh/k/%u\n${CONFIG}`,
          files: { '/etc/ssh/k/ghost': keys.emergency.line },
        },
        {},
      );
      expect(ghost.status).toBe('fail');
    });

    test('used twice: a remark', () => {
      const twice = judge({ files: { ...at('ops').files, ...at('agent').files } }, {});
      expect(twice).toMatchObject({
        status: 'pass',
        notes: expect.arrayContaining([expect.stringContaining('is used 2 times on this host')]) as string[],
      });
    });
  });

  test('what cannot be read is not a pass, and keys that were seen still fail', () => {
    const big = `mkdir -p /home/ops/.ssh; { echo; head -c 50000000 /dev/zero | tr '\\0' '#'; } >/home/ops/.ssh/authorized_keys`;
    expect(judge({ before: big })).toMatchObject({
      status: 'unknown',
      detail: '/home/ops/.ssh/authorized_keys was not read whole: it has 50000001 bytes',
    });
    const both = judge({ before: big, files: { '/root/.ssh/authorized_keys': keys.user.line } });
    expect(both).toMatchObject({
      status: 'fail',
      notes: expect.arrayContaining([
        expect.stringContaining('Not seen: /home/ops/.ssh/authorized_keys'),
      ]) as string[],
    });
  });

  test('pipes, devices, folders, links to nothing: sshd reads no key from them, and the collector does not hang', () => {
    const before = ['ops', 'agent', 'auto'].map((name) => `mkdir -p /home/${name}/.ssh`).join('; ');
    const odd = `${before}; mkfifo /home/ops/.ssh/authorized_keys; ln -s /dev/zero /home/agent/.ssh/authorized_keys; ln -s /nowhere/at/all /home/auto/.ssh/authorized_keys; mkdir /home/auto/.ssh/authorized_keys2; ln -s loop /home/ops/.ssh/loop; ln -s loop /home/ops/.ssh/authorized_keys2`;
    expect(judge({ before: odd }).status).toBe('pass');
  });

  describe('with one fact taken away or altered', () => {
    const evaluate = (facts: Partial<KeyFacts>): Outcome =>
      noStaticKeys.evaluate(inputOf({ ...sound, ...facts }, expectationsOf([])));

    test.each(['sshd', 'daemons', 'accounts', 'authorizedKeys'] as const)(
      '%s is needed, and a gap in it counts',
      (name) => {
        expect(evaluate({ [name]: { ok: false, reason: 'denied', detail: 'not told' } })).toMatchObject({
          status: 'unknown',
          reason: 'denied',
          detail: 'not told',
        });
        expect(evaluate({ [name]: { ...sound[name], gaps: ['half of it'] } })).toMatchObject({
          status: 'unknown',
          detail: 'half of it',
        });
      },
    );

    test('other servers', () => {
      if (!sound.daemons.ok) throw new Error(sound.daemons.detail);
      const base = sound.daemons;
      const listener = {
        pid: 7,
        executable: '/usr/sbin/x',
        commandLine: 'x',
        startedAt: null,
        sockets: [],
        overrides: [],
      };
      const running = (program: string): Outcome =>
        evaluate({ daemons: { ...base, value: { ...base.value, listeners: [{ ...listener, program }] } } });
      expect(running('teleport')).toMatchObject({ status: 'unknown', reason: 'unsupported' });
      expect(running('dropbear')).toMatchObject({
        status: 'pass',
        notes: [expect.stringContaining('dropbear')],
      });
    });
  });
});
