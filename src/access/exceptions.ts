/** Which logins a reader must look at. */
import type { Session } from './types.js';

const BAD: ReadonlySet<Session['approval']> = new Set(['outside', 'self-approved', 'not-approved']);

/** Break-glass use, and logins nobody else let in. */
export function needsALook({ breakGlass, approval }: Pick<Session, 'breakGlass' | 'approval'>): boolean {
  return breakGlass || BAD.has(approval);
}
