/**
 * Every staged state, check by check in the scorecard's order. Entries that must pass are sound variants: an auditor
 * that fails one of them cries wolf.
 */
import type { Deviation } from '../types.js';
import { actorWrapper } from './actor-wrapper.js';
import { auditLogging } from './audit-logging.js';
import { bootstrapComplete } from './bootstrap-complete.js';
import { caSecurity } from './ca-security.js';
import { caTrust } from './ca-trust.js';
import { certificateLifetime } from './certificate-lifetime.js';
import { noStaticKeys } from './no-static-keys.js';
import { passwordAuth } from './password-auth.js';
import { principals } from './principals.js';
import { rootLogin } from './root-login.js';

export const ALL: readonly Deviation[] = [
  ...caTrust,
  ...noStaticKeys,
  ...principals,
  ...certificateLifetime,
  ...passwordAuth,
  ...rootLogin,
  ...actorWrapper,
  ...auditLogging,
  ...caSecurity,
  ...bootstrapComplete,
];

/** States a correct auditor never calls sound. */
export const DEVIATIONS: readonly Deviation[] = ALL.filter((each) => !isSound(each));
/** States that look wrong and are right. */
export const VARIANTS: readonly Deviation[] = ALL.filter(isSound);

function isSound(each: Deviation): boolean {
  return each.expect === 'pass' || each.expect === 'not-fail';
}

/** One state by its id; throws when there is none. */
export function deviation(id: string): Deviation {
  const found = ALL.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no deviation is called ${id}`);
  return found;
}
