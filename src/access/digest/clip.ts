/** Texts of hosts in the digest: short, and not holding on to what they were cut from. */

const MOST = 300;

/** A copy: a slice of what a probe printed would keep all of that alive. */
export function clip(text: string): string {
  const short = text.length > MOST ? `${text.slice(0, MOST).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
  return JSON.parse(JSON.stringify(short)) as string;
}
