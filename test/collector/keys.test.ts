import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compose } from '../../src/collector/compose.js';
import { outputBytes, records, wordText } from '../../src/facts/reading.js';
import { collect, collectNeeds, NONCE, type PrivateHost } from '../helpers/collect.js';
import {
  CA_PATH,
  CONFIG,
  PROBES,
  readKeyFacts,
  soundHost,
  testKeys,
  type TestKey,
} from '../helpers/keys-host.js';
import { needs, title } from '../helpers/needs.js';

const SHELLS: readonly (readonly [command: string, program: string, debianPackage: string])[] = [
  ['dash', 'dash', 'dash'],
  ['bash', 'bash', 'bash'],
  ['ksh', 'ksh', 'ksh'],
  ['mksh', 'mksh', 'mksh'],
  ['busybox sh', 'busybox', 'busybox'],
];
const NAMES = ['ca-keys', 'revoked-keys', 'authorized-keys', 'principals'] as const;
const NEWLINE = '/etc/ssh/keys/new\nline';

describe.skipIf(needs.shellcheck)(title('shellcheck of the key probes', needs.shellcheck), () => {
  test('is clean', () => {
    const script = compose(
      PROBES.filter(({ name }) => (NAMES as readonly string[]).includes(name)),
      NONCE,
    );
    const from = script.split('\n').findIndex((line) => line.startsWith('SOH=')) + 1;
    const ran = spawnSync('shellcheck', ['-s', 'sh', '-f', 'gcc', '-'], { input: script, encoding: 'utf8' });
    // Other setup scripts have tests of their own; functions called by name look unused.
    const ours = ran.stdout
      .split('\n')
      .filter((line) => Number(line.split(':')[1]) >= from && !/SC(2034|2317|2086)/.test(line));
    expect(from).toBeGreaterThan(1);
    expect(ours).toEqual([]);
  });
});

const need = collectNeeds();
describe.skipIf(need)(title('key probes on a host of odd things', need), () => {
  let key: TestKey;
  let host: PrivateHost;
  let expected: ReturnType<typeof seen>;
  let remove: () => void = () => undefined;
  beforeAll(async () => {
    const made = await testKeys(['one']);
    key = made.keys.one;
    remove = made.remove;
    host = soundHost(key.line, {
      config: `AuthorizedKeysFile .ssh/authorized_keys "/etc/ssh/keys/%u" /etc/ssh/more/*/%u.pub\nRevokedKeys "/etc/ssh/revoked keys"\n${CONFIG}Match User agent\n  TrustedUserCAKeys /etc/ssh/other.pub\n`,
      passwd: [
        'q\'uo"te:x:2001:2001::/home/q\'uo"te $(id):/bin/bash',
        'müller:x:2002:2002::/home/müller:/bin/sh',
        'nohome:x:2003:100::/nonexistent:/bin/sh',
        'rel:x:2004:100::home/rel:/bin/sh',
        'agent:x:2005:100::/home/agent/:/bin/sh',
        'star*:x:2006:100::/home/[a-z]*:/bin/sh',
      ],
      files: {
        '/home/q\'uo"te $(id)/.ssh/authorized_keys': key.line,
        '/home/müller/.ssh/authorized_keys2': key.line,
        '/home/rel/.ssh/authorized_keys': key.line,
        '/home/[a-z]*/.ssh/authorized_keys': key.line,
        '/etc/ssh/keys/müller': key.line,
        '/etc/ssh/keys/two words': key.line,
        [NEWLINE]: key.line,
        '/etc/ssh/keys/.dot': key.line,
        '/etc/ssh/more/a b/agent.pub': key.line,
        '/etc/ssh/more/c/ghost.pub': key.line,
        '/etc/ssh/revoked keys': key.line,
        '/etc/ssh/other.pub': '\0\xff\n',
      },
      before: [
        `mkdir -p /home/agent/.ssh; mkfifo /home/agent/.ssh/authorized_keys; ln -s /dev/zero /home/agent/.ssh/authorized_keys2`,
        `ln -s ../nowhere/x /etc/ssh/keys/agent; ln -s loop /etc/ssh/keys/loop; ln -s ../../passwd /etc/ssh/keys/nohome; mkdir /etc/ssh/keys/rel`,
        `head -c 50000000 /dev/zero >/etc/ssh/auth_principals/big; : >/etc/ssh/auth_principals/empty`,
      ].join('\n'),
    });
    expected = seen(host);
  });
  afterAll(() => remove());

  /** What was found: `kind account path pattern`, file states, gaps. */
  function seen(on: PrivateHost) {
    const { evidence, stderr } = collect(on);
    const output = (name: string) => {
      const found = evidence.probes[name];
      if (!found) throw new Error(`probe ${name} is missing: ${stderr}`);
      return found;
    };
    const rows = (name: string) => records(output(name));
    const said = (name: string, tag: string) =>
      rows(name)
        .filter((row) => row[0] === tag)
        .map((row) => row.slice(1).map((word) => wordText(word)));
    return {
      evidence,
      stderr: NAMES.map((name) => evidence.probes[name]?.stderr).join(''),
      uses: said('authorized-keys', 'use').map(([kind, account, path]) => `${kind} ${account}: ${path}`),
      states: Object.fromEntries(
        NAMES.flatMap((name) =>
          said(name, 'F').map(([path, , status, , , , size]) => [path ?? '', `${status} ${size}`]),
        ),
      ),
      text: NAMES.map((name) =>
        outputBytes(output(name))
          .toString('latin1')
          .replaceAll(/\d{10} \d{10}/g, 'time'),
      ).join('\n---\n'),
      said,
    };
  }

  test('every file of every account, once, and what lies beside them', () => {
    expect(expected.stderr).toBe('');
    expect(expected.uses.toSorted()).toEqual(
      [
        'f : /etc/ssh/keys/.dot',
        'f : /etc/ssh/keys/agent',
        'f : /etc/ssh/keys/loop',
        'f : /etc/ssh/keys/müller',
        `f : ${NEWLINE}`,
        'f : /etc/ssh/keys/nohome',
        'f : /etc/ssh/keys/rel',
        'f : /etc/ssh/keys/two words',
        'f : /etc/ssh/more/a b/agent.pub',
        'f : /etc/ssh/more/c/ghost.pub',
        'f : /home/rel/.ssh/authorized_keys',
        'g agent: /etc/ssh/more/a b/agent.pub',
        // From 10.0 on, the home of this account is a pattern that does not even match itself.
        'g star*: /home/agent/.ssh/authorized_keys',
        'g star*: /home/agent/.ssh/authorized_keys2',
        'g star*: /home/müller/.ssh/authorized_keys2',
        'g star*: /home/q\'uo"te $(id)/.ssh/authorized_keys',
        'g star*: /home/rel/.ssh/authorized_keys',
        'u agent: /etc/ssh/keys/agent',
        'u agent: /home/agent/.ssh/authorized_keys',
        'u agent: /home/agent/.ssh/authorized_keys2',
        'u müller: /etc/ssh/keys/müller',
        'u müller: /home/müller/.ssh/authorized_keys2',
        'u nohome: /etc/ssh/keys/nohome',
        'u q\'uo"te: /home/q\'uo"te $(id)/.ssh/authorized_keys',
        'u rel: /etc/ssh/keys/rel',
        'u rel: /home/rel/.ssh/authorized_keys',
        'u star*: /home/[a-z]*/.ssh/authorized_keys',
      ].toSorted(),
    );
  });

  test('pipes, devices, folders, links to nothing and giants are told apart', () => {
    expect(expected.states).toMatchObject({
      '/home/agent/.ssh/authorized_keys': 'not-regular 0',
      '/home/agent/.ssh/authorized_keys2': 'not-regular 0',
      '/etc/ssh/keys/agent': 'missing ',
      '/etc/ssh/keys/loop': 'missing ',
      '/etc/ssh/keys/rel': expect.stringMatching(/^not-regular/) as string,
      '/etc/ssh/keys/nohome': expect.stringMatching(/^ok/) as string,
      '/etc/ssh/auth_principals/big': 'cut 50000000',
      '/etc/ssh/auth_principals/empty': 'ok 0',
      [CA_PATH]: `ok ${key.line.length + 1}`,
      '/etc/ssh/other.pub': 'ok 4',
      '/etc/ssh/revoked keys': `ok ${key.line.length}`,
    });
  });

  test('facts are made of it: one key in many places', () => {
    const { authorizedKeys, revokedKeys, caFiles, principalsFiles } = readKeyFacts(expected.evidence);
    if (!authorizedKeys.ok || !caFiles.ok || !revokedKeys.ok || !principalsFiles.ok)
      throw new Error('unread');
    const at = (path: string, account: string | null) =>
      authorizedKeys.value.find((one) => one.file.path === path && one.account === account);
    expect(at('/home/rel/.ssh/authorized_keys', 'rel')).toMatchObject({
      effective: true,
      lines: [{ valid: true, key: { fingerprint: key.fingerprint } }],
    });
    expect(at(NEWLINE, null)).toMatchObject({ effective: false, lines: [{ valid: true }] });
    // 9.2 expands no globs.
    expect(at('/etc/ssh/more/a b/agent.pub', 'agent')).toMatchObject({ effective: false });
    expect(at('/etc/ssh/keys/müller', null)).toBeUndefined();
    expect(authorizedKeys.gaps).toEqual([]);
    expect(caFiles.value.map(({ file, accounts }) => [file.path, accounts])).toEqual([
      ['/etc/ssh/ca/ca_user.pub', expect.arrayContaining(['rel', 'root'])],
      ['/etc/ssh/other.pub', ['agent']],
    ]);
    expect(revokedKeys.value).toMatchObject([{ format: 'text', revokedCas: [key.fingerprint] }]);
    expect(principalsFiles.gaps).toEqual([
      '/etc/ssh/auth_principals/big was not read whole: it has 50000000 bytes',
    ]);
  });

  for (const [shell, program, debianPackage] of SHELLS) {
    const lacking = needs.program(program, debianPackage);
    test.skipIf(lacking)(title(`${shell} says the same`, lacking), () => {
      const got = seen({ ...host, shell });
      expect(got.stderr).toBe('');
      expect(got.uses).toEqual(expected.uses);
      expect(got.states).toEqual(expected.states);
      expect(got.text).toBe(expected.text);
    });
  }

  test('a collector that may not look says so', () => {
    const got = seen({
      ...soundHost(key.line, { sshd: null }),
      before:
        'mkdir -p /home/ops/.ssh /home/agent/.ssh; chmod 700 /home/ops; chmod 700 /home/agent/.ssh; chmod 700 /etc/ssh/auth_principals',
      wrap: 'setpriv --reuid=2003 --regid=2003 --clear-groups',
    });
    const denied = got.said('authorized-keys', 'denied').map(([account, path]) => `${account}: ${path}`);
    expect(denied).toEqual(
      expect.arrayContaining([
        'ops: /home/ops/.ssh/authorized_keys',
        'ops: /home/ops/.ssh/authorized_keys2',
        'agent: /home/agent/.ssh/authorized_keys',
      ]),
    );
    expect(denied.join()).not.toContain('/home/auto');
    expect(got.said('principals', 'denied')).toContainEqual(['', '/etc/ssh/auth_principals']);
    expect(got.said('principals', 'gap').join()).toContain('sshd did not tell its configuration');
    const { authorizedKeys } = readKeyFacts(got.evidence);
    expect(authorizedKeys.ok && authorizedKeys.gaps.join('\n')).toContain('/home/ops/.ssh/authorized_keys');
  });

  test('a home that does not answer is given up, and is a gap', () => {
    const hang = `cp /usr/bin/stat /etc/real-stat; printf '%s\\n' '#!/bin/sh' 'case " $* " in *" /home/ops "*) exec sleep 100 ;; esac' 'exec /etc/real-stat "$@"' >/etc/slow-stat; chmod 755 /etc/slow-stat; mount --bind /etc/slow-stat /usr/bin/stat`;
    const got = seen(
      soundHost(key.line, {
        before: `mkdir -p /home/ops/.ssh; echo >/home/ops/.ssh/authorized_keys; ${hang}`,
      }),
    );
    expect(got.said('authorized-keys', 'hung')).toContainEqual(['ops', '/home/ops/.ssh/authorized_keys']);
    expect(got.states['/home/ops/.ssh/authorized_keys']).toBeUndefined();
    const { authorizedKeys } = readKeyFacts(got.evidence);
    expect(authorizedKeys.ok && authorizedKeys.gaps.join()).toContain('does not answer');
  });

  test('more than is wanted: bytes, files and values have limits, and each limit is said', () => {
    const many = `mkdir /etc/ssh/keys; i=0; while [ $i -lt 2100 ]; do echo >/etc/ssh/keys/k$i; i=$((i+1)); done; mkdir -p /root/.ssh; for n in ops agent auto; do mkdir -p /home/$n/.ssh; head -c 1000000 /dev/zero | tr '\\0' '#' >/home/$n/.ssh/authorized_keys; done`;
    const got = seen(
      soundHost(key.line, {
        config: `AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u\n${CONFIG}`,
        before: many,
      }),
    );
    expect(got.said('authorized-keys', 'gap').join('\n')).toContain(
      'more than 2000 files in /etc/ssh/keys/*',
    );
    expect(
      Object.entries(got.states).filter(
        ([path, state]) => path.startsWith('/home') && state.startsWith('ok'),
      ),
    ).toHaveLength(3);
    // The budget is spent by then: what is not empty is only named.
    expect(got.states['/etc/ssh/keys/k5']).toBe('ok 1');
  });
});
