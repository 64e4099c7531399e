/** The words results are told in, and how results are grouped. */
import type { CheckStanding } from '../src/model.js';

/** The four words a person reads. A waived failure is still a failure; it is only shown apart. */
export type Status = CheckStanding['status'];
export const STATUSES: readonly Status[] = ['pass', 'fail', 'unknown', 'waived'];

export { statusOf } from '../src/compare/status.js';

/** Which results of a host: the scorecard's, or the plug-ins'. */
export type Part = 'results' | 'extra';

/** `map[key]`, made on first use. */
export function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
