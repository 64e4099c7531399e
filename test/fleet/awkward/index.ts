/** Hosts that are hard to audit, each with what a correct run reports. */
import type { Awkward } from '../types.js';
import { ODD_BUT_SOUND } from './audited.js';
import { BAD_SESSIONS } from './logins.js';
import { UNREACHABLE } from './sockets.js';

export const AWKWARD: readonly Awkward[] = [...UNREACHABLE, ...BAD_SESSIONS, ...ODD_BUT_SOUND];

/** One awkward host by its id; throws when there is none. */
export function awkward(id: string): Awkward {
  const found = AWKWARD.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no awkward host is called ${id}`);
  return found;
}
