/** The certificate log made quick to ask: by serial, by key, and by time where it keeps serials secret. */
import { rememberedByObject } from '../../src/memo.js';
import type { Issuance } from '../../src/facts/types.js';
import { conflictOf, type CertificateLogin } from './issuance-conflict.js';
import { asLogged } from './logged-name.js';

interface IssuanceIndex {
  readonly bySerial: ReadonlyMap<string, readonly Issuance[]>;
  /**
   * Those that no serial tells apart, by exact key ID and key. Serial 0 is what bare `ssh-keygen -s` gives every
   * certificate.
   */
  readonly byKey: ReadonlyMap<string, readonly Issuance[]>;
  /** Without a serial: newest first, and those without a time. */
  readonly dated: readonly Issuance[];
  readonly undated: readonly Issuance[];
}

/** Made once: one log serves every host and several checks. */
export const issuanceIndex = rememberedByObject((issuances: readonly Issuance[]): IssuanceIndex => {
  const bySerial = new Map<string, Issuance[]>();
  const byKey = new Map<string, Issuance[]>();
  const put = (map: Map<string, Issuance[]>, key: string, one: Issuance): void => {
    const group = map.get(key);
    if (group) group.push(one);
    else map.set(key, [one]);
  };
  for (const one of issuances) {
    if (one.serial !== null) put(bySerial, one.serial, one);
    if ((one.serial === null || one.serial === '0') && one.keyId !== null && one.keyFingerprint !== null)
      put(byKey, exactKey(asLogged(one.keyId) ?? one.keyId, one.keyFingerprint), one);
  }
  const secret = issuances.filter(({ serial }) => serial === null);
  return {
    bySerial,
    byKey,
    dated: secret
      .filter(({ issuedAt }) => issuedAt !== null)
      .sort((a, b) => (b.issuedAt ?? 0) - (a.issuedAt ?? 0)),
    undated: secret.filter(({ issuedAt }) => issuedAt === null),
  };
});

/** The key of `byKey`. @param keyId as sshd logs it. */
export function exactKey(keyId: string, fingerprint: string): string {
  return `${fingerprint} ${keyId}`;
}

/**
 * An entry without a serial that may be the one: issued before the login, and not so long before that it had ended.
 * @param limit the longest lifetime that is thought of, milliseconds
 * @param slack how far clocks may differ, milliseconds
 */
export function withoutSerial(
  { dated, undated }: IssuanceIndex,
  login: CertificateLogin,
  limit: number,
  slack: number,
): Issuance | undefined {
  const possible = (one: Issuance): boolean => conflictOf(one, login, slack) === null;
  let low = 0;
  let high = dated.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((dated[middle]?.issuedAt ?? 0) > login.at + slack) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < dated.length; at += 1) {
    const one = dated[at];
    if (!one || (one.issuedAt ?? 0) < login.at - limit - slack) break;
    if (possible(one)) return one;
  }
  return undated.find(possible);
}
