/**
 * Real logins with the real client, so that hosts' logs hold what sshd really writes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryRun } from './exec.js';
import type { FleetCa, FleetHost, Identity, LoginSpec } from './types.js';

/** Issues each identity once a fleet, however many hosts it logs in to. */
export function identityCache(directory: string, ca: FleetCa): (login: LoginSpec) => Promise<Identity> {
  const issued = new Map<string, Promise<Identity>>();
  return (login) => {
    if (login.staticKey === true) {
      const keyFile = join(directory, 'material', 'static');
      return Promise.resolve({ keyFile, certificateFile: '', serial: 0n, fingerprint: '' });
    }
    const key = JSON.stringify([
      login.keyId,
      login.principals,
      login.validity,
      String(login.serial),
      login.options,
      login.rogue,
      login.unlogged,
    ]);
    const known = issued.get(key) ?? ca.issue(login);
    issued.set(key, known);
    return known;
  };
}

/** Logs in once. Rejects when the login did not end as the specification says. `publicKey` is the host's. */
export async function logIn(
  host: FleetHost,
  login: LoginSpec,
  identities: (login: LoginSpec) => Promise<Identity>,
  publicKey: string,
): Promise<void> {
  const identity = await identities(login);
  const knownHosts = `${identity.keyFile}-${host.name}.known`;
  await writeFile(knownHosts, `${host.address} ${publicKey}\n`);
  const certificate =
    identity.certificateFile === '' ? [] : ['-o', `CertificateFile=${identity.certificateFile}`];
  const ran = await tryRun('ssh', [
    '-F', '/dev/null', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-o', 'StrictHostKeyChecking=yes',
    // The key exchange of the default costs more processor time than all the rest of a login, and no log tells it.
    '-o', 'KexAlgorithms=curve25519-sha256', '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'ConnectTimeout=10', ...certificate, '-i', identity.keyFile, '-p', String(host.port),
    '--', `${login.account}@${host.address}`, login.command ?? 'true',
  ]); // prettier-ignore
  const refused = ran.status === 255;
  if (refused === (login.refused === true) && (refused || ran.status === 0)) return;
  throw new Error(
    `login of ${login.keyId} to ${host.name} as ${login.account} ended with ${ran.status}: ${ran.stderr.trim().slice(-300)}`,
  );
}
