/** What a rule about an algorithm of SSH is made of: names, and what is thought of them since when. */

/** The day the rules were last read again, against the RFCs, NIST's documents and OpenSSH's release notes they name. */
export const REVIEWED = '2026-11-21';

export type Kind = 'kex' | 'hostKey' | 'cipher' | 'mac' | 'compression';
/** `fail`: not to be offered. `warn`: to be replaced, with the day it fails where one is set. `note`: worth knowing. */
export type Level = 'sound' | 'note' | 'warn' | 'fail';

export interface Step {
  /** ISO 8601 day from which it holds. */
  readonly from: string;
  readonly level: Level;
  /** A clause that follows the name: `… : SHA-1 is broken`. */
  readonly why: string;
  readonly source: string;
}

/** A step holds from its day on, the first always. The oldest first. */
export type Steps = readonly [Step, ...Step[]];

export interface Rule {
  /** Matches whole names. */
  readonly names: RegExp;
  readonly steps: Steps;
}

export function rule(names: RegExp, ...steps: Steps): Rule {
  return { names, steps };
}

/** @param from ISO 8601 day. */
export function step(level: Level, from: string, why: string, source: string): Step {
  return { from, level, why, source };
}

/** Names nothing speaks against. */
export function sound(names: RegExp, from: string, source: string): Rule {
  return rule(names, step('sound', from, 'no weakness is known', source));
}

/** NIST SP 800-57 part 1 rev. 5, table 4: 112 bits of security protect nothing new from 2031 on. */
export const END_OF_112_BITS = '2031-01-01';
export const SP_800_57 = 'NIST SP 800-57 part 1 rev. 5, table 4';

/** @param why what is too small, as the subject of a clause. */
export function weakGroup(why: string, since: string, source: string): [Step, Step] {
  return [
    step('warn', since, `${why} gives 112 bits of security`, source),
    step('fail', END_OF_112_BITS, `${why} gives 112 bits of security, too few since 2031`, SP_800_57),
  ];
}
