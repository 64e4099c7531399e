/** The CA system itself: what it logs, and how it is sealed. */
import type { CaCustody, Seal } from '../../src/facts/types.js';
import type { Finding } from '../../src/model.js';
import { excerpt } from './law.js';

export function auditFindings({ auditDevices }: CaCustody): Finding[] {
  if (auditDevices === null) return [];
  if (auditDevices.length === 0) {
    return [
      {
        subject: 'audit devices',
        message:
          'The CA system has no audit device: nobody can tell later which certificates were signed, and for whom.',
        evidence: [{ probe: 'vault', path: 'sys/audit', excerpt: 'no device' }],
        remediation:
          'vault audit enable file file_path=/var/log/vault/audit.log, and a second one elsewhere.',
      },
    ];
  }
  return auditDevices
    .filter(({ raw }) => raw)
    .map(({ path, type }) => ({
      subject: `audit device ${path}`,
      message: `The audit device ${path} (${type}) logs with log_raw: tokens stand in its log in the clear, and whoever reads it can sign.`,
      evidence: [{ probe: 'vault', path: 'sys/audit', excerpt: excerpt(`${path} log_raw=true`) }],
      remediation: `Disable ${path} and enable it again without log_raw; revoke the tokens that were logged.`,
    }));
}

export function sealFindings({ seal }: CaCustody): Finding[] {
  if (seal === null) return [];
  const found = (what: string): Finding[] => [
    {
      subject: 'seal',
      message: what,
      evidence: [{ probe: 'vault', path: 'sys/seal-status', excerpt: sealed(seal) }],
      remediation:
        'Initialise it with at least three key shares and a threshold of two, held by different people.',
    },
  ];
  if (seal.storage === 'inmem')
    return found(
      'The CA system runs in development mode: its storage is memory, and its root token is printed at the start.',
    );
  if (seal.type === 'shamir' && seal.threshold <= 1) {
    return found(
      'One key share unseals the CA system: whoever holds it can take the storage, and the CA key in it, alone.',
    );
  }
  return [];
}

/** What the seal proves, and no more. */
export function sealNote({ seal, mounts }: CaCustody): string[] {
  if (seal === null || mounts.every(({ managedKey }) => managedKey !== null)) return [];
  const proves =
    seal.recovery || seal.type !== 'shamir'
      ? 'it unseals itself with a key outside, which protects the storage at rest; the CA key is in that storage and in memory, not in the HSM or KMS'
      : `${seal.threshold} of ${seal.shares} people are needed to unseal it; none of them is asked when a certificate is signed`;
  return [`Seal ${seal.type}: ${proves}. It proves neither an HSM-backed CA key nor four eyes.`];
}

function sealed({ type, threshold, shares, storage }: Seal): string {
  return `type ${type}, t=${threshold}, n=${shares}, storage ${storage || 'not told'}`;
}
