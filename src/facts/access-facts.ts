/** What the access report reads besides the facts of checks. */
import { messageOf } from '../errors.js';
import type { HostEvidence, Reading } from '../model.js';
import { readChanges } from './changes.js';
import { readSessions } from './sessions.js';
import { readSudoers } from './sudoers.js';
import type { ChangeLog, SessionLog, SudoersFacts } from './types.js';

export interface AccessFacts {
  readonly sudoers: Reading<SudoersFacts>;
  readonly sessions: Reading<SessionLog>;
  readonly changes: Reading<ChangeLog>;
}

/** Never throws: a parser with a bug is an unreadable fact. */
export function readAccessFacts(evidence: HostEvidence): AccessFacts {
  return {
    sudoers: attempt(() => readSudoers(evidence)),
    sessions: attempt(() => readSessions(evidence)),
    changes: attempt(() => readChanges(evidence)),
  };
}

function attempt<T>(read: () => Reading<T>): Reading<T> {
  try {
    return read();
  } catch (error) {
    return {
      ok: false,
      reason: 'failed',
      detail: `internal error while reading this fact: ${messageOf(error)}`,
    };
  }
}
