/** What the CA still holds for somebody who left: roles, policies, certificates. */
import type { CaCustody, Issuance, RevokedKeysFile } from '../../../src/facts/types.js';
import type { EvidenceRef, Finding } from '../../../src/model.js';
import { plural } from '../../../src/plural.js';
import { dayText } from '../../../src/when.js';
import { excerpt } from '../../lib/law.js';
import { each, found, left, type Departed, type Leaver } from './departed.js';

export function caRoutes(
  { byName, byAccount }: Departed,
  { vault }: { readonly vault: CaCustody | null },
): Finding[] {
  if (vault === null) return [];
  const named = new Map<string, readonly Leaver[]>();
  for (const { name, mount, allowUserCertificates, allowedUsers, defaultUser } of vault.mounts.flatMap(
    ({ roles }) => roles,
  ))
    if (allowUserCertificates)
      named.set(
        `role ${mount}${name}`,
        each(...[...allowedUsers, defaultUser].map((user) => found(byName, user))),
      );
  for (const { policy } of vault.reach)
    named.set(`policy ${policy}`, each(found(byName, policy), found(byAccount, policy)));
  return [...named].flatMap(([what, leavers]) =>
    leavers.map((leaver) => ({
      subject: `${leaver.who}: CA ${what}`,
      message: `${left(leaver)}, and the CA system still has the ${what} for them.`,
      evidence: [{ probe: 'vault', path: vault.system.url, excerpt: what }],
      remediation: `Remove them from the ${what}, and their login to the CA system.`,
    })),
  );
}

export function issuedRoutes(
  leaver: Leaver,
  { revokedKeys, now }: { readonly revokedKeys: readonly RevokedKeysFile[]; readonly now: Date },
): Finding[] {
  const own = leaver.issued;
  const since = own.filter(
    ({ issuedAt }) => leaver.left !== null && issuedAt !== null && issuedAt > leaver.left,
  );
  const seconds = BigInt(Math.floor(now.getTime() / 1000));
  const alive = own.filter(
    (one) => one.validBefore !== null && one.validBefore > seconds && !isRevoked(one, revokedKeys),
  );
  return [
    ...(since.length > 0
      ? [
          {
            subject: `${leaver.who}: certificates issued since`,
            message: `${left(leaver)}, and the CA issued ${plural(since.length, 'certificate')} for them since.`,
            evidence: since.slice(0, 10).map(issuedRef),
            remediation:
              'Close their login to the CA system, and revoke what is still valid (ssh-keygen -k).',
          },
        ]
      : []),
    ...(alive.length > 0
      ? [
          {
            subject: `${leaver.who}: certificates still valid`,
            message: `${left(leaver)}, and ${plural(alive.length, 'certificate')} of theirs ${alive.length === 1 ? 'is' : 'are'} still valid, and not revoked on this host.`,
            evidence: alive.slice(0, 10).map(issuedRef),
            remediation: 'Put the serials or the key into the KRL, and roll it out.',
          },
        ]
      : []),
  ];
}

function isRevoked(
  { keyId, serial, keyFingerprint, caFingerprint }: Issuance,
  files: readonly RevokedKeysFile[],
): boolean {
  return files.some(
    ({ keys, keyIds, serials }) =>
      (keyFingerprint !== null && keys.includes(keyFingerprint)) ||
      (keyId !== null && keyIds.includes(keyId)) ||
      (serial !== null &&
        /^\d{1,20}$/.test(serial) &&
        serials.some(
          ({ ca, from, to }) =>
            ca === caFingerprint &&
            /^\d+$/.test(from + to) &&
            BigInt(from) <= BigInt(serial) &&
            BigInt(serial) <= BigInt(to),
        )),
  );
}

function issuedRef({ from, keyId, serial, issuedAt }: Issuance): EvidenceRef {
  return {
    probe: 'certificates',
    path: from,
    excerpt: excerpt(
      `${issuedAt === null ? '' : `${dayText(issuedAt)} `}ID ${keyId ?? '?'} serial ${serial ?? '?'}`,
    ),
  };
}
