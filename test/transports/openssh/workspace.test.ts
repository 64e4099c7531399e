/** The private directory, and the generated files that make a pinned host key the only known one. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { algorithmsWithout, createWorkspace, pinScript } from '../../../src/transports/openssh/workspace.js';
import { parseVersion } from '../../../src/transports/openssh/program.js';

it('is made when needed, closed to others, short enough for a socket, and removed', () => {
  const workspace = createWorkspace(`/tmp/${'long'.repeat(30)}`);
  const path = workspace.fresh('m');
  expect(path).not.toBe(workspace.fresh('m'));
  expect(Buffer.byteLength(path)).toBeLessThan(104 - 17);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  workspace.write(path, 'x');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(() => workspace.write(path, 'y')).toThrow(/EEXIST/);
  workspace.forget(path);
  expect(readdirSync(dirname(path))).toEqual([]);
  workspace.remove();
  workspace.remove();
  expect(existsSync(dirname(path))).toBe(false);
});

it('a pinned fingerprint makes its key known, and no other', () => {
  const print = `SHA256:${'a+/Z'.repeat(10)}abc`;
  const script = pinScript([print, 'SHA256:*', `SHA256:${'b'.repeat(43)}) id;;`]);
  const ask = (...args: string[]): string =>
    execFileSync('/bin/sh', ['-c', script, 'sh', ...args]).toString();
  expect(ask(print, '[h]:2', 'ssh-ed25519', 'AAAA')).toBe('[h]:2 ssh-ed25519 AAAA\n');
  expect(ask(`SHA256:${'c'.repeat(43)}`, 'h', 'ssh-ed25519', 'AAAA')).toBe('');
  expect(ask('SHA256:x', 'h', 'ssh-ed25519', 'AAAA')).toBe('');
  expect(pinScript(['SHA256:*'])).toBe('exit 0\n');
});

it('names every algorithm of a key type', () => {
  expect(algorithmsWithout(['rsa-sha2-512-cert-v01@openssh.com'])).toEqual(
    expect.arrayContaining(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa', 'rsa-sha2-256-cert-v01@openssh.com']),
  );
  expect(algorithmsWithout(['sk-ssh-ed25519@openssh.com'])).toEqual([
    'sk-ssh-ed25519@openssh.com',
    'sk-ssh-ed25519-cert-v01@openssh.com',
  ]);
});

it.each([
  ['OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19', 902],
  ['OpenSSH_10.0p2', 1000],
  ['OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2', 905],
  ['OpenSSH_8.0p1, OpenSSL 1.1.1k  FIPS 25 Mar 2021', 800],
  ['Dropbear v2022.83', undefined],
])('version of %s', (text, version) => {
  expect(parseVersion(text)).toBe(version);
});
