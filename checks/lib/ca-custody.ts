/** CA keys where they must not be, and what the CA system says about the one it holds. */
import type { CaCustody, FoundPrivateKey } from '../../src/facts/types.js';
import type { Finding } from '../../src/model.js';

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

export function custodyFindings(
  { problems, publicKeyFingerprints }: CaCustody,
  expected: readonly string[],
): Finding[] {
  const unknown = expected.length === 0 ? [] : publicKeyFingerprints.filter((key) => !expected.includes(key));
  return [
    ...problems.map((problem): Finding => ({
      subject: `CA system: ${problem}`,
      message: `${problem}. Whoever can use that gets certificates nobody approved.`,
      evidence: [{ probe: 'vault', excerpt: problem.slice(0, 300) }],
      remediation: 'Mend it in the CA system, then run the audit again.',
    })),
    ...unknown.map((key): Finding => ({
      subject: key,
      message: `The CA system signs with ${key}, which the inventory does not name: hosts that trust it take certificates of a CA nobody accounts for, and hosts that do not refuse everybody.`,
      evidence: [{ probe: 'vault', excerpt: key }],
      remediation: `Name ${key} in ca.fingerprints of the inventory if it is the CA, else remove that signing key.`,
    })),
  ];
}
