/** The one word for a result, for reports and comparisons alike. */
import type { CheckResult, CheckStanding } from '../model.js';

/** A failure that a waiver in force covers is `waived`; an expired waiver changes nothing. */
export function statusOf(result: {
  readonly outcome: { readonly status: CheckResult['outcome']['status'] };
  readonly waiver?: { readonly expired: boolean };
}): CheckStanding['status'] {
  if (result.outcome.status !== 'fail') return result.outcome.status;
  return result.waiver !== undefined && !result.waiver.expired ? 'waived' : 'fail';
}
