/** The self-check of what is used of ssh2's inside. That it works is shown by the suites against a real sshd. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ssh2, { type Client } from 'ssh2';
import { describe, expect, it } from 'vitest';
import { assertSsh2Shape, SSH2_VERSION, ssh2Differences } from '../../../src/transports/ssh/private-seam.js';

describe('the installed ssh2', () => {
  it('is the one package.json pins, and has the expected shape', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(manifest.dependencies['ssh2']).toBe(SSH2_VERSION);
    expect((createRequire(import.meta.url)('ssh2/package.json') as { version: string }).version).toBe(
      SSH2_VERSION,
    );
    expect(() => assertSsh2Shape()).not.toThrow();
  });

  it('another version is noticed', () => {
    expect(ssh2Differences('1.18.0')).toEqual(['version 1.18.0']);
  });

  it('other shapes are noticed, each by name', () => {
    const odd = new ssh2.Client();
    Object.assign(odd, { _protocol: { authPK: 'not a function', _kex: undefined } });
    const differences = ssh2Differences(SSH2_VERSION, () => odd);
    expect(differences).toContain('_protocol.authPK');
    expect(differences).toContain('_protocol._cipher.encrypt');
    expect(differences).not.toContain('_protocol._kex');
  });

  it('a client that cannot be made is a difference too', () => {
    expect(
      ssh2Differences(SSH2_VERSION, (): Client => {
        throw new Error('gone');
      }),
    ).toEqual(['gone']);
  });
});
