/** The words results are told in, and how results are grouped. */
import type { CheckMeta, CheckStanding } from '../src/model.js';

/** The four words a person reads. A waived failure is still a failure; it is only shown apart. */
export type Status = CheckStanding['status'];
export const STATUSES: readonly Status[] = ['pass', 'fail', 'unknown', 'waived'];

export { statusOf } from '../src/compare/status.js';

/** Which results of a host: the scorecard's, the plug-ins', or the guidance's. */
export type Part = 'results' | 'extra' | 'guidance';

/** The heading of the guidance, the same in every format. */
export const GUIDANCE = 'Guidance (not scored)';

/** Where the results of a check are. */
export function partOf({ number, pack }: Pick<CheckMeta, 'number' | 'pack'>): Part {
  if (number !== undefined) return 'results';
  return pack === 'guidance' ? 'guidance' : 'extra';
}

/** `map[key]`, made on first use. */
export function entryOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
