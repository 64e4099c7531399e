/** The ten, in the scorecard's order (directive section 5). An explicit list: a check exists when it stands here. */
import type { AnyCheck } from '../src/model.js';
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

export const CHECKS: readonly AnyCheck[] = [
  caTrust,
  noStaticKeys,
  principals,
  certificateLifetime,
  passwordAuth,
  rootLogin,
  actorWrapper,
  auditLogging,
  caSecurity,
  bootstrapComplete,
];
