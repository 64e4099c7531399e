/** Which probes a run sends. */
import { probesFor } from '../collector/probes.js';
import type { HostFacts } from '../facts/types.js';
import type { AnyCheck } from '../model.js';

/** Facts that are always read: who the host is, and what closure needs. */
const ALWAYS: readonly (keyof HostFacts)[] = ['system', 'logins'];

/** @param access whether to collect what the access report reads, too. */
export function probesOf(checks: readonly AnyCheck[], access = false) {
  return probesFor(new Set([...ALWAYS, ...checks.flatMap(({ meta }) => meta.needs.host)]), access);
}
