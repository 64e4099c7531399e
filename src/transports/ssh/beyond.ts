/** What ssh2 cannot do and the system's ssh may: told in a hint, and what `transport: auto` goes by. */
import type { GatherFailure } from '../../model.js';

const OPENSSH = 'transport: openssh uses this machine’s own ssh, which may.';

/** The hint for a failure that lies in ssh2, not in the host's answer. */
export function beyondSsh2(what: string): string {
  return `${what}; ${OPENSSH}`;
}

/** Whether the system's ssh is worth a try. Never for a host key that is wrong or a login that was refused. */
export function opensshMaySolve(failure: GatherFailure): boolean {
  // Hints are this program's own text: no host can put these words there.
  return failure.hint?.endsWith(OPENSSH) ?? false;
}
