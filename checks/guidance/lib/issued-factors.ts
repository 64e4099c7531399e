/** What the CA's log shows of the certificates for a principal: whether each that is valid now needs a FIDO device and its PIN. */
import type { IssuanceLog } from '../../../src/facts/types.js';
import type { Policy, Reading } from '../../../src/model.js';

/**
 * The log must be whole for as long as a certificate may live, and there must be such a certificate: of one that nobody
 * asked for nothing is known. `verify-required` is a critical option of the certificate (PROTOCOL.certkeys).
 */
export function issuedWithPin(
  principal: string,
  log: Reading<IssuanceLog>,
  { policy, now }: { readonly policy: Pick<Policy, 'lifetimes'>; readonly now: Date },
): boolean {
  if (!log.ok || log.gaps.length > 0) return false;
  const { coverage, issuances } = log.value;
  const { limits, tolerance } = policy.lifetimes;
  const longest = Math.max(limits.adm.fail, limits.agt.fail, limits.atm.fail) + tolerance;
  if (coverage.from === null || coverage.from > now.getTime() - longest * 1000) return false;
  const seconds = BigInt(Math.floor(now.getTime() / 1000));
  const live = issuances.filter(
    ({ kind, principals, validBefore }) =>
      kind !== 'host' &&
      (principals === null || principals.includes(principal)) &&
      (validBefore === null || validBefore > seconds),
  );
  return (
    live.length > 0 &&
    live.every(
      ({ certificate }) =>
        certificate !== undefined &&
        certificate.type.startsWith('sk-') &&
        certificate.criticalOptions.some(({ name }) => name === 'verify-required'),
    )
  );
}
