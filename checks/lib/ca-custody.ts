/** CA keys where they must not be, and what the CA system says about the one it holds. */
import type { CaCustody, FoundPrivateKey } from '../../src/facts/types.js';
import type { Finding, Policy } from '../../src/model.js';
import { reachFindings } from './ca-reach.js';
import { judgeRole } from './ca-roles.js';
import { auditFindings, sealFindings, sealNote } from './ca-system.js';
import type { Missing } from './law.js';
import { roleLimits } from './role-limits.js';

/** @param signers CAs of user certificates found on the host: a key that signed one is a CA, whether named or not. */
export function keyOnHost(
  key: FoundPrivateKey,
  expected: readonly string[],
  signers: ReadonlySet<string>,
): Finding[] {
  const { path, line, fingerprint, encrypted, hardwareBound, owner } = key;
  if (fingerprint === undefined) return [];
  const trusted = expected.includes(fingerprint);
  if (!trusted && !signers.has(fingerprint)) return [];
  const at = { path, ...(line !== undefined && { line }) };
  const what = trusted
    ? 'the private key of the trusted user CA'
    : 'a private key that has signed user certificates lying on this host, a CA the inventory does not name';
  const lock = hardwareBound
    ? 'It is a handle of a hardware key: without the device it signs nothing, but it does not belong on a host.'
    : encrypted
      ? 'Anyone who reads it and finds its passphrase issues certificates for every principal on every host.'
      : 'It has no passphrase: anyone who reads it, or a backup of it, issues certificates for every principal on every host.';
  return [
    {
      subject: path,
      message: `${path}, owned by ${owner}, is ${what} (${fingerprint}). ${lock}`,
      evidence: [{ probe: 'credentials', ...at, excerpt: `${key.format} ${fingerprint}` }],
      at,
      remediation: `Treat the CA as stolen: make a new one, replace the trusted key on every host, put ${fingerprint} into the KRL, then destroy ${path} and its backups.`,
    },
  ];
}

/** Whether it might be the CA for all that can be seen. SSH protocol 1 keys and unreadable DSA keys cannot be. */
export function unidentified({ fingerprint, format, keyType }: FoundPrivateKey): boolean {
  return fingerprint === undefined && format !== 'ssh1' && keyType !== 'ssh-dss';
}

/** The CA system's side: everything that is wrong, missing or worth a word. */
export function judgeCustody(custody: CaCustody, expected: readonly string[], policy: Policy): JudgedCustody {
  const roles = custody.mounts.flatMap((mount) => mount.roles).map((role) => judgeRole(role));
  const limits = roleLimits(custody, policy);
  const devices = custody.auditDevices;
  const notTold =
    devices === null
      ? [missing('the audit devices of the CA system could not be read (sys/audit needs read and sudo)')]
      : [];
  return {
    findings: [
      ...auditFindings(custody),
      ...sealFindings(custody),
      ...roles.flatMap((role) => role.findings),
      ...limits.findings,
      ...reachFindings(custody),
      ...unknownKeys(custody, expected),
    ],
    missing: [...limits.missing, ...notTold],
    notes: [
      ...sealNote(custody),
      ...(devices?.length === 1
        ? [
            'The CA system has one audit device: when it blocks, nobody signs, and when it is lost, so is the record.',
          ]
        : []),
      ...roles.flatMap((role) => role.notes),
      ...(custody.publicKeyFingerprints.length === 0
        ? ['The CA system did not tell its public key: it was not compared with the one hosts trust.']
        : []),
    ],
    proof: proofOf(custody, expected),
  };
}

export interface JudgedCustody {
  readonly findings: readonly Finding[];
  readonly missing: readonly Missing[];
  readonly notes: readonly string[];
  /** The mechanism that keeps every expected CA key out of reach; empty when none is shown. */
  readonly proof: string;
}

/** Only a managed key keeps the CA key out of the system's own storage; every expected CA must be such a one. */
function proofOf({ mounts }: CaCustody, expected: readonly string[]): string {
  const holders = expected.map((key) =>
    mounts.filter(({ keys }) => keys.some(({ fingerprint }) => fingerprint === key)),
  );
  const managed = holders.every(
    (held) => held.length > 0 && held.every(({ managedKey }) => managedKey !== null),
  );
  if (expected.length === 0 || !managed) return '';
  const names = [...new Set(holders.flat().map(({ managedKey }) => managedKey))];
  return `the CA system signs with the managed key ${names.join(' and ')}`;
}

/** CA keys the inventory does not name, where users can get certificates of them. */
function unknownKeys({ mounts }: CaCustody, expected: readonly string[]): Finding[] {
  if (expected.length === 0) return [];
  const signing = mounts.filter(
    ({ roles }) => roles.length === 0 || roles.some((role) => role.allowUserCertificates),
  );
  return signing.flatMap(({ keys, namespace, path }) =>
    keys
      .filter(({ fingerprint }) => !expected.includes(fingerprint))
      .map(({ fingerprint }) => ({
        subject: fingerprint,
        message: `The CA system signs user certificates at ${namespace === '' ? '' : `${namespace}/`}${path} with ${fingerprint}, which the inventory does not name: hosts that trust it take certificates of a CA nobody accounts for, and hosts that do not refuse everybody.`,
        evidence: [{ probe: 'vault', path, excerpt: fingerprint }],
        remediation: `Name ${fingerprint} in ca.fingerprints of the inventory if it is the CA, else remove that signing key.`,
      })),
  );
}

function missing(detail: string): Missing {
  return { reason: 'no-evidence', detail };
}
