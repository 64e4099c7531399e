/** What the access report reads besides the facts of checks. */
import type { HostEvidence, Reading } from '../model.js';
import { readChanges } from './changes.js';
import { attempt } from './reading.js';
import { readSessions } from './sessions.js';
import { readSudoers } from './sudoers.js';
import type { ChangeLog, HostFacts, SessionLog, SudoersFacts } from './types.js';

export interface AccessFacts {
  readonly sudoers: Reading<SudoersFacts>;
  readonly sessions: Reading<SessionLog>;
  readonly changes: Reading<ChangeLog>;
}

/**
 * Never throws: a parser with a bug is an unreadable fact.
 * @param known facts of the same evidence: what is in them is not parsed again.
 */
export function readAccessFacts(
  evidence: HostEvidence,
  known?: Pick<HostFacts, 'sudoers' | 'sessions'>,
): AccessFacts {
  return {
    sudoers: known?.sudoers ?? attempt(() => readSudoers(evidence)),
    sessions: known?.sessions ?? attempt(() => readSessions(evidence)),
    changes: attempt(() => readChanges(evidence)),
  };
}
