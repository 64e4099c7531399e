/** All facts of one host. Each is read once, when first asked for: a check pays only for what it declares. */
import type { HostEvidence, Policy } from '../model.js';
import { readAccounts } from './accounts.js';
import { readAuthorizedKeys } from './authorized-keys.js';
import { readCaFiles } from './ca-keys.js';
import { readCertificates, readPrivateKeys } from './credentials.js';
import { readCloudKeys } from './cloud-keys.js';
import { readDaemons } from './daemons.js';
import { readLogging } from './logging.js';
import { readLogins } from './login-log.js';
import { readOffer } from './offer.js';
import { readPrincipals } from './principals.js';
import { attempt } from './reading.js';
import { readRevokedKeys } from './revoked-keys.js';
import { readSchedules } from './schedules.js';
import { readSessions } from './sessions.js';
import { readSshd } from './sshd.js';
import { readSudoers } from './sudoers.js';
import { readSystem } from './system.js';
import type { HostFacts } from './types.js';
import { readWrappers } from './wrappers.js';

export function readFacts(evidence: HostEvidence, policy: Pick<Policy, 'wrappers'>): HostFacts {
  return lazily<HostFacts>({
    system: () => readSystem(evidence),
    accounts: () => readAccounts(evidence),
    sshd: () => readSshd(evidence),
    daemons: () => readDaemons(evidence),
    caFiles: (facts) => readCaFiles(evidence, facts.sshd),
    revokedKeys: () => readRevokedKeys(evidence),
    authorizedKeys: (facts) => readAuthorizedKeys(evidence, facts.sshd),
    principalsFiles: (facts) => readPrincipals(evidence, facts.sshd),
    certificates: () => readCertificates(evidence),
    privateKeys: () => readPrivateKeys(evidence),
    schedules: () => readSchedules(evidence, policy.wrappers),
    wrappers: () => readWrappers(evidence),
    logins: () => readLogins(evidence),
    logging: () => readLogging(evidence),
    offer: () => readOffer(evidence),
    sudoers: () => readSudoers(evidence),
    sessions: () => readSessions(evidence),
    cloudKeys: () => readCloudKeys(evidence),
  });
}

/**
 * An object whose properties are computed when first read, and then kept. Parsers do not throw; if one has a bug, its
 * fact is unreadable and says so, and every other fact stands.
 */
function lazily<T extends HostFacts>(makers: { readonly [K in keyof T]: (made: T) => T[K] }): T {
  const made = {} as T;
  for (const key of Object.keys(makers) as (keyof T)[]) {
    Object.defineProperty(made, key, {
      enumerable: true,
      configurable: true,
      get() {
        const value = attempt(() => makers[key](made));
        Object.defineProperty(made, key, { value, enumerable: true });
        return value;
      },
    });
  }
  return made;
}
