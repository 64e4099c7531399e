/**
 * Judges the host key or host certificate a server presents, against known_hosts or the inventory's pins.
 * There is no way to have an unknown key accepted.
 */
import type { GatherFailure } from '../../model.js';
import {
  certificateValidity,
  tryParseCertificate,
  type ParsedCertificate,
} from '../../openssh/certificate.js';
import { fingerprint, parsePublicKeyLine } from '../../openssh/public-key.js';
import { WireReader } from '../../openssh/wire.js';
import { messageOf } from '../../errors.js';
import { failure } from './failure.js';
import { asciiLower, type KnownHostEntry, type KnownHosts } from './known-hosts.js';

/** What is known of one host before it is asked. */
export interface HostKeyRule {
  /** HostKeyAlias, or the name or address connected to. */
  readonly name: string;
  /** Absent with a HostKeyAlias: known_hosts then has no port. */
  readonly port?: number;
  /** `SHA256:…` or `type base64`. When there are any, they decide alone. */
  readonly pins: readonly string[];
  readonly known: KnownHosts;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Algorithms to ask for, in order. */
export interface HostKeyOffer {
  readonly plain: readonly string[];
  /** Non-empty only where an `@cert-authority` line names the host. */
  readonly certificates: readonly string[];
}

export type HostKeyVerdict =
  | {
      readonly ok: true;
      readonly type: string;
      readonly fingerprint: string;
      readonly verifiedBy: string;
      /** The plain key, when a certificate was presented. */
      readonly certifiedKey?: Buffer;
    }
  | {
      readonly ok: false;
      readonly failure: GatherFailure;
      /** Key types known for this host that were not asked for first. */
      readonly tryInstead: readonly string[];
    };

const RSA = ['rsa-sha2-512', 'rsa-sha2-256'];
const PLAIN = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', ...RSA];
const CERTIFICATES = PLAIN.map((algorithm) => `${algorithm}-cert-v01@openssh.com`);
const CA_ALGORITHMS =
  /^(?:ssh-ed25519|sk-ssh-ed25519@openssh\.com|ecdsa-sha2-nistp(?:256|384|521)|sk-ecdsa-sha2-nistp256@openssh\.com|rsa-sha2-(?:256|512))$/;

/** Signature algorithms of a key type: `ssh-rsa` stands for both SHA-2 ones. */
function algorithmsOfTypes(types: readonly string[]): string[] {
  const wanted = new Set(types.flatMap((type) => (type === 'ssh-rsa' ? RSA : [type])));
  return PLAIN.filter((algorithm) => wanted.has(algorithm));
}

/** Names to look up, the decisive one first: `[name]:port`, then (only to accept, never to refuse) `name`. */
function namesOf(rule: HostKeyRule): readonly [string, ...string[]] {
  const name = asciiLower(rule.name);
  return rule.port === undefined || rule.port === 22 ? [name] : [`[${name}]:${String(rule.port)}`, name];
}

/** Known types first, as ssh(1) orders them, so that the server shows the key we can check. */
export function offerFor(rule: HostKeyRule): HostKeyOffer {
  if (rule.pins.length > 0) {
    const types = rule.pins.flatMap((pin) => parsePublicKeyLine(pin)?.type ?? []);
    return { plain: knownFirst(types), certificates: [] };
  }
  const entries = namesOf(rule).flatMap((name) => rule.known.readable(name));
  const types = entries.filter((entry) => entry.marker === '').map((entry) => entry.type);
  const authority = entries.some((entry) => entry.marker === '@cert-authority');
  return { plain: knownFirst(types), certificates: authority ? CERTIFICATES : [] };
}

function knownFirst(types: readonly string[]): string[] {
  const first = algorithmsOfTypes(types);
  return [...first, ...PLAIN.filter((algorithm) => !first.includes(algorithm))];
}

/** Judges what the server presented. `asked` is what was offered to it. Never throws. */
export function judgeHostKey(rule: HostKeyRule, presented: Buffer, asked: HostKeyOffer): HostKeyVerdict {
  try {
    const type = new WireReader(presented).text();
    if (!type.endsWith('-cert-v01@openssh.com')) return judgePlain(rule, presented, asked);
    const certificate = tryParseCertificate(presented);
    if ('problem' in certificate)
      return refuse(
        'host-certificate-invalid',
        `${rule.name} presented a host certificate that cannot be read: ${certificate.problem}`,
      );
    return judgeCertificate(rule, certificate, asked);
  } catch (error) {
    return refuse(
      'handshake-failed',
      `${rule.name} presented a host key that cannot be read: ${messageOf(error)}`,
    );
  }
}

function refuse(
  code: GatherFailure['code'],
  detail: string,
  hint?: string,
  tryInstead: readonly string[] = [],
): HostKeyVerdict {
  return { ok: false, failure: failure(code, 'handshake', detail, hint), tryInstead };
}

function judgePlain(rule: HostKeyRule, presented: Buffer, asked: HostKeyOffer): HostKeyVerdict {
  const type = new WireReader(presented).text();
  const print = fingerprint(presented);
  const names = namesOf(rule);
  const holding = names.flatMap((name) => rule.known.holding(presented, name));
  const revoked = holding.find((entry) => entry.marker === '@revoked');
  if (revoked)
    return refuse(
      'host-key-revoked',
      `the ${type} key ${print} of ${names[0]} is marked @revoked at ${place(revoked)}`,
      'Treat the host as compromised until somebody can say why its key was revoked.',
    );
  if (rule.pins.length > 0) return judgePins(rule, type, print, presented, asked);
  const match = holding.find((entry) => entry.marker === '');
  if (match) return { ok: true, type, fingerprint: print, verifiedBy: `known_hosts ${place(match)}` };
  return notKnown(rule, type, print, asked);
}

function judgePins(
  rule: HostKeyRule,
  type: string,
  print: string,
  presented: Buffer,
  asked: HostKeyOffer,
): HostKeyVerdict {
  const matches = (pin: string): boolean =>
    pin === print || parsePublicKeyLine(pin)?.blob.equals(presented) === true;
  if (rule.pins.some(matches)) return { ok: true, type, fingerprint: print, verifiedBy: 'inventory' };
  const pinned = rule.pins.map((pin) => {
    const key = parsePublicKeyLine(pin);
    return key === null ? pin : `${key.type} ${fingerprint(key.blob)}`;
  });
  // A fingerprint does not tell its key type: the server may have that key too.
  const tryInstead = rule.pins.some((pin) => pin.startsWith('SHA256:'))
    ? asked.plain.filter((algorithm) => !algorithmsOfTypes([type]).includes(algorithm))
    : [];
  return refuse(
    'host-key-mismatch',
    `${rule.name} presented ${type} ${print}, but the inventory pins ${pinned.join(', ')}`,
    'If the host was reinstalled, check the new fingerprint on its console and change host_key; otherwise somebody is in between.',
    tryInstead,
  );
}

/** The key is nowhere: is the host's key another one, or is the host unknown? */
function notKnown(rule: HostKeyRule, type: string, print: string, asked: HostKeyOffer): HostKeyVerdict {
  const [name, bare] = namesOf(rule);
  const own = rule.known.all(name).filter((entry) => entry.marker === '');
  const sameType = own.find((entry) => entry.type === type);
  if (sameType) {
    return refuse(
      'host-key-mismatch',
      `${name} presented ${type} ${print}, but ${place(sameType)} says ${fingerprint(sameType.blob)}`,
      `If the host was reinstalled, check the new fingerprint on its console, then: ssh-keygen -R ${shellWord(name)} -f ${shellWord(sameType.file)}. Otherwise somebody is in between.`,
    );
  }
  const entries =
    own.length > 0 || bare === undefined ? own : rule.known.all(bare).filter((entry) => entry.marker === '');
  const others = [...new Set(entries.map((entry) => entry.type))];
  const readable = new Set(
    namesOf(rule)
      .flatMap((one) => rule.known.readable(one))
      .map((entry) => entry.type),
  );
  const tryInstead = algorithmsOfTypes(
    others.filter((other) => !readable.has(other) && other !== type),
  ).filter((algorithm) => asked.plain.includes(algorithm));
  const instead = entries[0]
    ? `; for this host there is ${entries
        .map((entry) => `${entry.type} ${fingerprint(entry.blob)} at ${place(entry)}`)
        .slice(0, 4)
        .join(', ')}`
    : '';
  const port = rule.port === undefined || rule.port === 22 ? '' : `-p ${String(rule.port)} `;
  return refuse(
    'host-key-unknown',
    `${name} presented ${type} ${print}, which is not in ${rule.known.files.join(', ') || 'any known_hosts file'}${instead}`,
    `Check the fingerprint on the host's console (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then add the key: ssh-keyscan ${port}${shellWord(rule.name)} >> ${shellWord(rule.known.files[0] ?? '~/.ssh/known_hosts')}; or pin ${print} as host_key in the inventory.`,
    tryInstead,
  );
}

function place(entry: KnownHostEntry): string {
  return `${entry.file}:${String(entry.line)}`;
}

function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:~%-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A host certificate counts when an `@cert-authority` line for this host holds its CA. One that does not count is
 * judged by its plain key instead, as ssh(1) does; the reason given is then the certificate's.
 */
function judgeCertificate(
  rule: HostKeyRule,
  certificate: ParsedCertificate,
  asked: HostKeyOffer,
): HostKeyVerdict {
  const names = namesOf(rule);
  const about = (blob: Buffer): readonly KnownHostEntry[] =>
    names.flatMap((name) => rule.known.holding(blob, name));
  const authority = about(certificate.caBlob);
  const revoked = [...authority, ...about(certificate.plainBlob)].find(
    (entry) => entry.marker === '@revoked',
  );
  if (revoked) {
    return refuse(
      'host-key-revoked',
      `the host certificate of ${names[0]} (key ${certificate.fingerprint}, CA ${certificate.caFingerprint}) is marked @revoked at ${place(revoked)}`,
      'Treat the host as compromised until somebody can say why it was revoked.',
    );
  }
  const trusted = authority.find((entry) => entry.marker === '@cert-authority');
  const problem = trusted
    ? certificateFault(rule, certificate)
    : `it is signed by ${certificate.caType} ${certificate.caFingerprint}, which no @cert-authority line for this host holds`;
  if (trusted && problem === undefined) {
    return {
      ok: true,
      type: certificate.type,
      fingerprint: certificate.fingerprint,
      verifiedBy: `@cert-authority ${place(trusted)}`,
      certifiedKey: certificate.plainBlob,
    };
  }
  const plain = judgePlain(rule, certificate.plainBlob, asked);
  if (plain.ok) return { ...plain, certifiedKey: certificate.plainBlob };
  if (plain.failure.code !== 'host-key-unknown') return plain;
  return refuse(
    'host-certificate-invalid',
    `${names[0]} presented a host certificate (ID ${JSON.stringify(certificate.keyId)}, serial ${String(certificate.serial)}, key ${certificate.fingerprint}) that does not count: ${problem ?? ''}`,
    'Have the host’s certificate renewed by the CA that known_hosts trusts.',
  );
}

/** sshkey_cert_check_host: kind, dates, name (no wildcards), no critical options, a CA signature without SHA-1. */
function certificateFault(rule: HostKeyRule, certificate: ParsedCertificate): string | undefined {
  if (certificate.kind !== 'host') return `it is a ${certificate.kind} certificate`;
  const validity = certificateValidity(certificate, BigInt(Math.floor(rule.now() / 1000)));
  if (validity === 'expired') return 'it has expired';
  if (validity === 'not-yet-valid') return 'it is not valid yet';
  const name = asciiLower(rule.name);
  if (certificate.principals.length === 0) return 'it names no host at all';
  if (!certificate.principals.includes(name)) {
    return `${JSON.stringify(rule.name)} is not among its names (${certificate.principals
      .slice(0, 8)
      .map((one) => JSON.stringify(one))
      .join(', ')})`;
  }
  if (certificate.criticalOptions.length > 0)
    return `it has the critical option ${JSON.stringify(certificate.criticalOptions[0]?.name)}`;
  if (!CA_ALGORITHMS.test(certificate.signatureAlgorithm))
    return `its CA signed with ${certificate.signatureAlgorithm}`;
  if (!certificate.signatureValid) return 'its CA signature is wrong';
  return undefined;
}
