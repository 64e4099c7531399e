import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { PROBES } from '../../src/collector/probes.js';
import { readCloudKeys } from '../../src/facts/cloud-keys.js';
import { collect, collectNeeds, probesNamed, type Collected } from '../helpers/collect.js';
import { needs, title } from '../helpers/needs.js';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzK3Y';
const KEY = 'AKIAQ4EXAMPLZ7ABWXYZ';
const FILES = {
  '/home/alice/.aws/credentials': `[default]\naws_access_key_id = ${KEY}\naws_secret_access_key = ${SECRET}\n[docs]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n`,
  '/etc/default/backup': `AWS_ACCESS_KEY_ID=AKIAZZZZZZZZZZZZ2222\nAWS_SECRET_ACCESS_KEY="${SECRET}"\n`,
  '/root/notes with blanks.txt': 'ask for AKIABBBBBBBBBBBBCCCC\n',
  '/root/temporary': `aws_access_key_id=ASIAQ4EXAMPLZ7ABWXYZ\nsecret=${SECRET}\n`,
  '/root/no-key': `xAKIAQ4EXAMPLZ7ABWXYZ AKIAQ4EXAMPLZ7ABWXYZ9 AKIAQ4EXAMPL17ABWXYZ akiaq4examplz7abwxyz ${SECRET}\n`,
  '/root/large': `${'x'.repeat(70_000)}\n${KEY} ${SECRET}\n`,
};

test.skipIf(needs.shellcheck)('the probe is clean by shellcheck together with what runs before it', () => {
  for (const name of ['cloud-keys', 'credentials']) {
    const setups = PROBES.find((probe) => probe.name === name)?.setup ?? [];
    const input = ['prelude', ...setups, name]
      .map((part) => readFileSync(`src/collector/probes/${part}.sh`, 'utf8'))
      .join('\n');
    expect(spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2034', '-'], { input }).stdout.toString()).toBe('');
  }
});

const need = collectNeeds();
describe.skipIf(need).each(['sh', 'busybox sh'])(
  title('access keys on a real host, read by %s', need),
  (shell) => {
    let collected: Collected;
    beforeAll(() => {
      collected = collect({
        shell,
        sshd: null,
        files: FILES,
        passwd: ['alice:x:4001:4001::/home/alice:/bin/sh'],
        before: `AWS_ACCESS_KEY_ID=AKIAEEEEEEEEEEEEFFFF AWS_SECRET_ACCESS_KEY=${SECRET} setsid sleep 300 & AWS_ACCESS_KEY_ID=AKIAEEEEEEEEEEEEFFFF AWS_SECRET_ACCESS_KEY=${SECRET} setsid sleep 300 &\nsleep 0.1`,
        // The collector's own environment is nobody's mistake on this host.
        wrap: `env AWS_ACCESS_KEY_ID=AKIAHHHHHHHHHHHHIIII AWS_SECRET_ACCESS_KEY=${SECRET}`,
        probes: probesNamed('cloud-keys'),
      });
    }, 60_000);

    test('files and environments, each with its line, its owner and whether a secret stands beside', () => {
      const reading = readCloudKeys(collected.evidence);
      expect(reading).toMatchObject({ ok: true, gaps: [] });
      const keys = reading.ok ? [...reading.value].sort((a, b) => (a.path < b.path ? -1 : 1)) : [];
      const root = { owner: 'root', secret: true };
      expect(keys).toEqual([
        { ...root, place: 'file', path: '/etc/default/backup', line: 1, id: 'AKIA…2222' },
        { ...root, place: 'file', path: '/home/alice/.aws/credentials', line: 2, id: 'AKIA…WXYZ' },
        {
          place: 'file',
          path: '/root/notes with blanks.txt',
          line: 1,
          id: 'AKIA…CCCC',
          owner: 'root',
          secret: false,
        },
        { ...root, place: 'process', path: 'sleep', id: 'AKIA…FFFF' },
      ]);
    });

    test('neither a secret nor a whole key ID leaves the host', () => {
      const output = Object.values(collected.evidence.probes)
        .map(({ stdout, stderr }) => stdout + stderr)
        .join('\n');
      for (const text of [output, collected.stdout.toString(), collected.stderr])
        expect(text).not.toMatch(/AKIA[A-Z2-7]{5}|wJalrXUtn/);
    });
  },
);

test('a search that did not finish, or was cut, is not whole; nothing in it is believed blindly', () => {
  const probe = (stdout: string, more: object = {}) => ({
    schema: 1 as const,
    host: 'h',
    startedAt: '',
    finishedAt: '',
    probes: {
      'cloud-keys': {
        rc: 0, stdout, stdoutEncoding: 'utf8' as const, stderr: '', bytes: stdout.length, cut: false, timedOut: false, sha256: '', ...more,
      }, // prettier-ignore
    },
  });
  expect(readCloudKeys(probe('looked 3 0\n'))).toEqual({ ok: true, value: [], gaps: [] });
  expect(readCloudKeys(probe(''))).toMatchObject({ gaps: ['the search for access keys did not finish'] });
  expect(readCloudKeys(probe('gap =YSBi\nlooked 1 0\n'))).toMatchObject({ gaps: ['a b'] });
  expect(
    readCloudKeys(probe('k /a 1 root WHOLEKEYID 1\nk\np x\nk /b -7 root ABCD 1\nlooked 1 1\n')),
  ).toMatchObject({
    value: [{ path: '/b', id: 'AKIA…ABCD' }],
  });
  expect(readCloudKeys({ ...probe(''), probes: {} })).toMatchObject({ ok: false, reason: 'not-collected' });
});
