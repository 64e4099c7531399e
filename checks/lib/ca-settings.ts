/** The settings a login by certificate hangs on. Source: sshd_config(5). */
import type { SshdCase } from '../../src/facts/types.js';
import { isOn } from './sshd.js';
import { valueOf, type Fault } from './settings.js';

/** Keywords that must be printed for anything to be proven, with their former names. */
export const TRUST_KEYWORDS: readonly (readonly string[])[] = [
  ['trustedusercakeys'],
  ['pubkeyauthentication'],
  ['pubkeyacceptedalgorithms', 'pubkeyacceptedkeytypes'],
];

export interface TrustExpectation {
  /** The only value TrustedUserCAKeys may have. */
  readonly path: string;
  /** Key types of the CA keys that are trusted and expected. */
  readonly caTypes: readonly string[];
  readonly revocationRequired: boolean;
}

export function trustFaults(one: SshdCase, { path, caTypes, revocationRequired }: TrustExpectation): Fault[] {
  const ca = valueOf(one, 'trustedusercakeys');
  const faults: Fault[] = [];
  const fault = (name: string, says: string, wanted: string) => void faults.push({ name, says, wanted });
  if (one.settings['trustedusercakeys'] && ca === null) {
    fault(
      'TrustedUserCAKeys',
      'is not set: no certificate is accepted, and the way in is a static key or a password',
      path,
    );
  } else if (ca !== null && ca !== path) {
    fault(
      'TrustedUserCAKeys',
      `is ${ca} and not ${path}: whoever holds a key in that file issues certificates for these accounts`,
      path,
    );
  }
  if (one.settings['pubkeyauthentication'] && !isOn(one, 'pubkeyauthentication')) {
    fault(
      'PubkeyAuthentication',
      'is no: certificates cannot be used, and what remains are passwords',
      'yes',
    );
  }
  for (const type of refusedCaTypes(one, caTypes)) {
    const wanted = `+${type === 'ssh-rsa' ? 'rsa-sha2-512' : type}`;
    fault(
      'CASignatureAlgorithms',
      `leaves out what the CA signs with (${type}): its certificates are refused, and people fall back on other ways in`,
      wanted,
    );
  }
  if (acceptsCertificates(one) === false) {
    const name = one.settings['pubkeyacceptedalgorithms']
      ? 'PubkeyAcceptedAlgorithms'
      : 'PubkeyAcceptedKeyTypes';
    fault(
      name,
      'names no certificate type: every certificate is refused, while plain keys still work',
      '+*-cert-v01@openssh.com',
    );
  }
  if (revocationRequired && valueOf(one, 'revokedkeys') === null) {
    fault(
      'RevokedKeys',
      'is not set, though the policy requires it: a stolen certificate works until it expires',
      '/etc/ssh/revoked_keys',
    );
  }
  return faults;
}

function list(one: SshdCase, ...keywords: readonly string[]): string[] | undefined {
  const value = keywords.map((keyword) => one.settings[keyword]?.[0]).find((text) => text !== undefined);
  return value?.split(',').map((name) => name.trim());
}

/** Types of CA keys whose signatures are refused. Before 7.9 every type is taken and nothing is printed. */
function refusedCaTypes(one: SshdCase, types: readonly string[]): string[] {
  const accepted = list(one, 'casignaturealgorithms');
  if (!accepted) return [];
  const signsWith = (type: string) =>
    type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'] : [type];
  return [...new Set(types)].filter((type) => !signsWith(type).some((name) => accepted.includes(name)));
}

/** Whether any kind of user certificate may log in; null when this sshd does not print it. */
function acceptsCertificates(one: SshdCase): boolean | null {
  const accepted = list(one, 'pubkeyacceptedalgorithms', 'pubkeyacceptedkeytypes');
  return accepted ? accepted.some((name) => name.includes('-cert-v01') || name.includes('*')) : null;
}
