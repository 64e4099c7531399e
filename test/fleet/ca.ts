/**
 * The fleet's user CA: ssh-keygen with a serial counter and a log of everything it issued.
 */
import { appendFile, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './exec.js';
import type { CertificateRequest, FleetCa, Identity, IssuedLine } from './types.js';

/** Makes an ed25519 key pair at `file` and `file`.pub. */
export async function makeKey(file: string, comment: string, passphrase = ''): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', comment, '-f', file]);
}

/** `SHA256:…` of a public key, private key or certificate file. */
export async function fingerprintOf(file: string): Promise<string> {
  const words = (await run('ssh-keygen', ['-lf', file])).split(' ');
  return words[1] ?? '';
}

/**
 * Makes the CA in `directory`/ca and a second one that nobody should trust.
 * Keys and certificates of identities go to `directory`/identities.
 */
export async function makeCa(directory: string): Promise<FleetCa> {
  const folder = join(directory, 'ca');
  const identities = join(directory, 'identities');
  await mkdir(folder, { mode: 0o700 });
  await mkdir(identities, { mode: 0o700 });
  await makeKey(join(folder, 'ca_user'), 'Ops SSH User CA (2026)');
  await makeKey(join(folder, 'rogue'), 'Ops SSH User CA (2026)');
  const logFile = join(directory, 'issued.jsonl');
  await writeFile(logFile, '', { mode: 0o600 });
  let counter = 1000n;
  let made = 0;

  const issue = async (request: CertificateRequest): Promise<Identity> => {
    const serial = request.serial ?? ++counter;
    const keyFile = join(identities, `id-${String(++made).padStart(4, '0')}`);
    await makeKey(keyFile, request.keyId.replace(/[^\x20-\x7e]/g, '?').slice(0, 80));
    const certificateFile = `${keyFile}-cert.pub`;
    const options = (request.options ?? []).flatMap((option) => ['-O', option]);
    const principals = request.principals.length > 0 ? ['-n', request.principals.join(',')] : [];
    const ca = join(folder, request.rogue === true ? 'rogue' : 'ca_user');
    await run('ssh-keygen', [
      '-q',
      '-s',
      ca,
      '-I',
      request.keyId,
      ...principals,
      '-V',
      request.validity,
      '-z',
      String(serial),
      ...options,
      `${keyFile}.pub`,
    ]);
    if (request.rogue !== true && request.unlogged !== true) {
      const [type = '', blob = ''] = (await readFile(certificateFile, 'utf8')).split(' ');
      const line: IssuedLine = {
        issued_at: new Date().toISOString(),
        serial: String(serial),
        key_id: request.keyId,
        principals: request.principals,
        certificate: `${type} ${blob}`,
      };
      await appendFile(logFile, `${JSON.stringify(line)}\n`);
    }
    return { keyFile, certificateFile, serial, fingerprint: await fingerprintOf(`${keyFile}.pub`) };
  };

  const publicKeyFile = join(directory, 'ca_user.pub');
  await copyFile(join(folder, 'ca_user.pub'), publicKeyFile);
  return {
    publicKeyFile,
    logFile,
    fingerprint: await fingerprintOf(join(folder, 'ca_user.pub')),
    rogueFingerprint: await fingerprintOf(join(folder, 'rogue.pub')),
    issue,
  };
}
