/** Milliseconds since 1970 as text, UTC. They may be a host's own word: what no calendar holds is `?`. */

/** The last instant a Date can hold. Source: ECMA-262, time values. */
const LATEST = 8.64e15;

/** `2026-11-21T02:00:00.000Z` */
export function instantText(at: number): string {
  return Math.abs(at) < LATEST ? new Date(at).toISOString() : '?';
}

/** `2026-11-21T02:00:00Z` */
export function secondText(at: number): string {
  return shortened(at, 19);
}

/** `2026-11-21T02:00Z` */
export function minuteText(at: number): string {
  return shortened(at, 16);
}

/** `2026-11-21` */
export function dayText(at: number): string {
  return instantText(at).slice(0, 10);
}

function shortened(at: number, length: number): string {
  const text = instantText(at);
  return text === '?' ? text : `${text.slice(0, length)}Z`;
}
