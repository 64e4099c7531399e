/**
 * The guidance: checks beyond the ten, on by default, shown apart, never scored. An explicit list: a check exists when
 * it stands here. Source: the management-access guidance (docs/guidance.md).
 */
import type { AnyCheck } from '../../src/model.js';
import { algorithms } from './algorithms.js';
import { cloudCredentials } from './cloud-credentials.js';
import { leavers } from './leavers.js';
import { multiFactor } from './multi-factor.js';
import { privilegedSessions } from './privileged-sessions.js';
import { separateBastions } from './separate-bastions.js';
import { sessionLength } from './session-length.js';
import { sharedKeys } from './shared-keys.js';
import { shells } from './shells.js';
import { ssmInstead } from './ssm-instead.js';

export const GUIDANCE: readonly AnyCheck[] = [
  multiFactor,
  sharedKeys,
  separateBastions,
  shells,
  privilegedSessions,
  algorithms,
  leavers,
  cloudCredentials,
  sessionLength,
  ssmInstead,
];
