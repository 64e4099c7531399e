/**
 * Signature algorithm lists: compiled defaults per version and the `+`, `-`, `^` and wildcard forms
 * (myproposal.h, kex.c kex_assemble_names).
 */
import { matchPattern, matchPatternList } from './patterns.js';

const ECDSA = ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'];
const SK_ED25519 = 'sk-ssh-ed25519@openssh.com';
const SK_ECDSA = 'sk-ecdsa-sha2-nistp256@openssh.com';
const WEBAUTHN = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com';
const RSA2 = ['rsa-sha2-512', 'rsa-sha2-256'];
const MLDSA = 'ssh-mldsa44-ed25519';

/** The certificate form of a plain algorithm name. */
function cert(name: string): string {
  if (name === MLDSA) return `${MLDSA}-cert`;
  return name.endsWith('@openssh.com') ? name.replace('@', '-cert-v01@') : `${name}-cert-v01@openssh.com`;
}

/** Every name sshd knows, in the order wildcards expand to: newest generation; older ones know a subset. */
const KNOWN_PLAIN = [
  'ssh-ed25519',
  SK_ED25519,
  ...ECDSA,
  SK_ECDSA,
  WEBAUTHN,
  'ssh-dss',
  'ssh-rsa',
  'rsa-sha2-256',
  'rsa-sha2-512',
  MLDSA,
];

/** Compiled default of PubkeyAcceptedAlgorithms (PubkeyAcceptedKeyTypes before 8.5) for a version level. */
export function defaultPubkeyAlgorithms(level: number): readonly string[] {
  const plain = plainDefaults(level);
  return [...plain.map(cert), ...plain];
}

function plainDefaults(level: number): string[] {
  const rsa = level < 808 ? [...RSA2, 'ssh-rsa'] : RSA2;
  if (level < 802) return [...ECDSA, 'ssh-ed25519', ...rsa];
  if (level < 805) return [...ECDSA, SK_ECDSA, 'ssh-ed25519', SK_ED25519, ...rsa];
  const modern = ['ssh-ed25519', ...ECDSA, SK_ED25519, SK_ECDSA];
  if (level < 1003) return [...modern, ...rsa];
  return level < 1006 ? [...modern, WEBAUTHN, ...rsa] : [...modern, WEBAUTHN, ...rsa, MLDSA];
}

/** Compiled default of CASignatureAlgorithms (7.9 on). SHA-1 `ssh-rsa` left it in 8.2. */
export function defaultCaAlgorithms(level: number): readonly string[] {
  if (level < 802) return [...ECDSA, 'ssh-ed25519', ...RSA2, 'ssh-rsa'];
  return plainDefaults(level).filter((name) => name !== 'ssh-rsa' && name !== MLDSA);
}

/** The names a wildcard can expand to in a version. */
export function knownAlgorithms(certificates: boolean, level: number): readonly string[] {
  const plain = KNOWN_PLAIN.filter((name) =>
    name === MLDSA ? level >= 1006 : name === 'ssh-dss' ? level < 1001 : true,
  );
  if (!certificates) return plain;
  return plain.flatMap((name) => (name === WEBAUTHN && level < 1003 ? [name] : [name, cert(name)]));
}

/** Names of other builds and of short-lived releases: legal somewhere, default nowhere. */
const RARE = [
  'ssh-xmss@openssh.com',
  'ssh-xmss-cert-v01@openssh.com',
  `${MLDSA}@openssh.com`,
  `${MLDSA}-cert-v01@openssh.com`,
];

/** Whether sshd is known to accept every name of a configured list; `-` lists are not checked. */
export function algorithmsKnown(configured: string): boolean {
  if (configured.startsWith('-')) return true;
  const known = [...KNOWN_PLAIN, ...KNOWN_PLAIN.map(cert), ...RARE];
  return configured
    .replace(/^[+^]/, '')
    .split(',')
    .every((name) => known.some((candidate) => matchPattern(candidate, name)));
}

/**
 * A configured list made whole. Literal names this engine does not know are kept: the host's sshd does not start
 * with a name it does not know, so such a name is one of a newer or patched build.
 */
export function assembleAlgorithms(
  configured: string | undefined,
  defaults: readonly string[],
  known: readonly string[],
): string {
  if (configured === undefined || configured === '') return defaults.join(',');
  const names = configured.replace(/^[+^-]/, '');
  if (configured.startsWith('-'))
    return defaults.filter((name) => matchPatternList(name, names) !== 1).join(',');
  const listed = names.split(',').filter((name) => name !== '');
  const ordered = configured.startsWith('+')
    ? [...defaults, ...listed]
    : configured.startsWith('^')
      ? [...listed, ...defaults]
      : listed;
  const expanded = ordered.flatMap((name) =>
    /[*?]/.test(name) ? known.filter((candidate) => matchPattern(candidate, name)) : [name],
  );
  return [...new Set(expanded)].join(',');
}
