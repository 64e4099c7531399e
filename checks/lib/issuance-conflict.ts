/** Whether an entry of the certificate log can be the certificate behind a login, and if not, why. */
import type { Issuance, Login } from '../../src/facts/types.js';
import { asLogged } from './logged-name.js';

/** A login with the certificate that opened it. */
export type CertificateLogin = Login & { readonly certificate: NonNullable<Login['certificate']> };

/**
 * What the log says that speaks against an issuance being the one behind a login; null: nothing.
 * @param slack how far clocks may differ, milliseconds
 */
export function conflictOf(
  one: Issuance,
  { at, certificate }: CertificateLogin,
  slack: number,
): string | null {
  const { keyId, serial, caFingerprint, keyFingerprint } = certificate;
  if (one.kind === 'host') return 'it is the serial of a host certificate';
  if (one.certificate?.signatureValid === false) return 'the certificate in the log has a wrong signature';
  if (one.caFingerprint !== null && one.caFingerprint !== caFingerprint)
    return 'another CA issued that serial';
  if (one.serial !== null && one.serial !== serial) return 'it has another serial';
  if (differs(one.keyId, keyId)) return `the log has key ID “${one.keyId?.slice(0, 100)}” for it`;
  if (one.keyFingerprint !== null && keyFingerprint !== undefined && one.keyFingerprint !== keyFingerprint)
    return 'the log has another key for it';
  if (one.issuedAt !== null && one.issuedAt > at + slack) return 'it was issued after the login';
  if (one.validAfter !== null && Number(one.validAfter) * 1000 > at + slack)
    return 'it was not yet valid at the login';
  const ends = endOf(one);
  return ends !== null && at > ends + slack ? 'it had expired before the login' : null;
}

/** Whether an issued key ID is not the one sshd's log shows; what lost bytes on the way differs from nothing. */
function differs(issued: string | null, logged: string): boolean {
  const shown = issued === null ? null : asLogged(issued);
  return shown !== null && shown !== logged;
}

/** When it ends, milliseconds since the epoch; null: not known. */
export function endOf({ validBefore, issuedAt, lifetimeSeconds }: Issuance): number | null {
  if (validBefore !== null) return Number(validBefore) * 1000;
  return issuedAt === null || lifetimeSeconds === null ? null : issuedAt + Number(lifetimeSeconds) * 1000;
}
