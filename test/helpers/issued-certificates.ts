/** Certificates made by the real ssh-keygen, for logs of issued certificates. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCertificateLine, type ParsedCertificate } from '../../src/openssh/certificate.js';

export interface Issuer {
  /** Its folder: `ca`, `key.pub`, and whatever tests put there. */
  readonly folder: string;
  /** The user key that is certified, as `key.pub` holds it. */
  readonly publicKey: string;
  /** @returns the line of a `-cert.pub` file. `options`: more arguments of ssh-keygen. */
  sign(keyId: string, serial: string, principals: string, validity: string, ...options: string[]): string;
  remove(): void;
}

export function issuer(): Issuer {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-issuer-'));
  const run = (...args: string[]): void => {
    execFileSync('ssh-keygen', ['-q', ...args], {
      cwd: folder,
      stdio: 'ignore',
      env: { ...process.env, TZ: 'UTC' },
    });
  };
  run('-t', 'ed25519', '-N', '', '-C', 'ca', '-f', 'ca');
  run('-t', 'ed25519', '-N', '', '-C', 'key', '-f', 'key');
  return {
    folder,
    publicKey: readFileSync(join(folder, 'key.pub'), 'utf8').trim(),
    sign(keyId, serial, principals, validity, ...options) {
      run('-s', 'ca', '-I', keyId, '-z', serial, '-n', principals, '-V', validity, ...options, 'key.pub');
      return readFileSync(join(folder, 'key-cert.pub'), 'utf8').trim();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function parsed(line: string): ParsedCertificate {
  const certificate = parseCertificateLine(line);
  if ('problem' in certificate) throw new Error(certificate.problem);
  return certificate;
}
