/** What a collection costs the host it looks at: processes, counted by the kernel, and what was done to need fewer. */
import { describe, expect, test } from 'vitest';
import { PROBES } from '../../src/collector/probes.js';
import { readAccounts } from '../../src/facts/accounts.js';
import { collect, collectNeeds, probesNamed, type PrivateHost } from '../helpers/collect.js';
import { title } from '../helpers/needs.js';

const need = collectNeeds();

/** The last field is the newest process number of this process tree: every fork, whoever made it. */
const COUNT = `sh -c 'read -r a b c d from </proc/loadavg; "$@"; read -r a b c d to </proc/loadavg; echo "FORKS $((to - from))" >&2' sh`;

function forks(host: PrivateHost): number {
  const { evidence, stderr } = collect({ ...host, wrap: COUNT });
  expect(evidence.failure).toBeUndefined();
  return Number(/^FORKS (\d+)$/m.exec(stderr)?.[1]);
}

describe.skipIf(need)(title('the processes that a collection starts', need), () => {
  const accounts = (count: number): string[] =>
    Array.from({ length: count }, (_, at) => `user${at}:x:${3000 + at}:100::/home/user${at}:/bin/sh`);

  test('an ordinary host: a few hundred', () => {
    const started = forks({ probes: PROBES });
    expect(started).toBeGreaterThan(300);
    expect(started).toBeLessThan(850);
  });

  test('more accounts without files cost none', () => {
    const probes = probesNamed('accounts', 'authorized-keys', 'principals');
    const few = forks({ probes, passwd: accounts(10) });
    const many = forks({ probes, passwd: accounts(500) });
    expect(many - few).toBeLessThan(20);
  });

  test('a further file costs a handful, whatever its folders', () => {
    const probes = probesNamed('principals');
    const config = 'Port 2222\nAuthorizedPrincipalsFile /etc/ssh/a/b/c/%u\n';
    const files = (count: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`/etc/ssh/a/b/c/user${at}`, 'adm-full\n']),
      );
    const passwd = accounts(30);
    const one = forks({ probes, config, passwd, files: files(1) });
    const all = forks({ probes, config, passwd, files: files(30) });
    expect((all - one) / 29).toBeLessThanOrEqual(9);
  });
});

describe.skipIf(need)(title('groups of accounts', need), () => {
  const passwd = ['ops:x:2001:2001::/home/ops:/bin/sh', 'dba:x:2002:100::/home/dba:/bin/sh'];
  const group = ['ops:x:2001:', 'wheels:x:2010:dba,ops', 'on-call:x:2011:ops'];
  const groupsOf = (host: PrivateHost): readonly string[] => {
    const { evidence } = collect({ passwd, group, probes: probesNamed('accounts'), sshd: null, ...host });
    const read = readAccounts(evidence);
    if (!read.ok) throw new Error(read.detail);
    return read.value
      .filter(({ name }) => name === 'ops' || name === 'dba')
      .map(({ name, groups }) => `${name}: ${groups.join(' ')}`);
  };
  const told = ['ops: ops wheels on-call', 'dba: users wheels'];

  test('are told with the primary one first', () => {
    expect(groupsOf({})).toEqual(told);
  });

  test('an id(1) that takes one account, as older ones do, tells the same', () => {
    const one =
      'printf \'#!/bin/sh\\nfor a; do case $a in -*) o=$a ;; *) n=$((n + 1)); u=$a ;; esac; done\\n[ "$n" = 1 ] || exit 1\\nexec /run/id "$@"\\n\' >/run/one; chmod 755 /run/one; cp /usr/bin/id /run/id; mount --bind /run/one /usr/bin/id';
    expect(groupsOf({ before: one })).toEqual(told);
  });

  test('a name made to look like more groups gives no more groups', () => {
    const names = groupsOf({ group: [...group, 'x),0(root:x:2012:ops'] });
    expect(names[0]).toBe('ops: ops wheels on-call x),0(root');
  });
});

describe.skipIf(need)(title('lines of the journal', need), () => {
  test('of sudo are kept whatever the directory is called: nobody hides behind a name with quotes, or a long one', () => {
    const entry = (message: string): string =>
      JSON.stringify({ __REALTIME_TIMESTAMP: '1795266643760236', _PID: '7', MESSAGE: message });
    const lines = [
      entry(`eve : PWD=/tmp/${'b'.repeat(900)} ; USER=root ; COMMAND=/bin/long`),
      entry('eve : PWD=/tmp/a"b\\" ; USER=root ; COMMAND=/bin/quoted'),
      entry(`Starting session: ${'c'.repeat(400)} ; COMMAND=/bin/sshd`),
      entry('nothing of interest'),
    ];
    const { evidence } = collect({
      sshd: null,
      probes: probesNamed('sessions', 'logins'),
      files: {
        '/run/lab/lines': `${lines.join('\n')}\n`,
        '/run/lab/journalctl': '#!/bin/sh\ncat /run/lab/lines\n',
      },
      before: 'chmod 755 /run/lab/journalctl; mount --bind /run/lab/journalctl /usr/bin/journalctl',
    });
    const text = evidence.probes['sessions']?.stdout ?? '';
    expect(Array.from(text.matchAll(/COMMAND=\/bin\/(\w+)/g), ([, name]) => name)).toEqual([
      'long',
      'quoted',
      'sshd',
    ]);
    expect(text).toMatch(/^total 3$/m);
    for (const name of ['sessions', 'logins'])
      expect(evidence.probes[name]?.stdout).toMatch(/^begins 1795266643760236$/m);
  });
});
