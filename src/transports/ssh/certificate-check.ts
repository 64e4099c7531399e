/** What can be said of a user certificate before any server sees it. */
import type { GatherFailure } from '../../model.js';
import { certificateValidity, type ParsedCertificate } from '../../openssh/certificate.js';
import { failure } from './failure.js';

const RENEW_HINT = 'Get a new certificate from your CA and run again.';

/** What would make every server refuse this user certificate, judged by our clock. */
export function certificateProblem(
  certificate: ParsedCertificate,
  what: string,
  now: number,
): GatherFailure | undefined {
  const id = `ID ${JSON.stringify(certificate.keyId)} serial ${String(certificate.serial)}`;
  if (certificate.kind !== 'user')
    return failure(
      'identity-unusable',
      'login',
      `${what} (${id}) is a ${certificate.kind} certificate, not a user certificate`,
    );
  const validity = certificateValidity(certificate, BigInt(Math.floor(now / 1000)));
  if (validity === 'expired')
    return failure(
      'certificate-expired',
      'login',
      `${what} (${id}) expired at ${instant(certificate.validBefore)}`,
      RENEW_HINT,
    );
  if (validity === 'not-yet-valid') {
    return failure(
      'certificate-not-yet-valid',
      'login',
      `${what} (${id}) is valid only from ${instant(certificate.validAfter)}`,
      'Compare this machine’s clock with the CA’s.',
    );
  }
  return undefined;
}

/** ISO 8601 in UTC; plain seconds where the calendar ends. */
function instant(seconds: bigint): string {
  return seconds <= 8_640_000_000_000n
    ? new Date(Number(seconds) * 1000).toISOString()
    : `${String(seconds)} s after 1970`;
}
