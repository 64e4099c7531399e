/** `web[01:40].example.org:2222` -> forty names and a port. Source: Ansible's expand_hostname_range. */
import { MOST_HOSTS } from './graph.js';

export interface Expanded {
  readonly names: readonly string[];
  readonly port?: number;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const RANGE = /\[([^[\]]*)\]/;

/** A text instead of a result says what is wrong with the pattern. */
export function expandPattern(pattern: string): Expanded | string {
  const bracketed = /^\[([0-9a-fA-F:]+)\](?::(\d{1,5}))?$/.exec(pattern);
  const numeric = bracketed?.[1]?.includes('::') || (bracketed?.[1]?.split(':').length ?? 0) > 3;
  if (bracketed && numeric) return withPort([bracketed[1] ?? ''], bracketed[2]);
  const colon = /^(.*[^:]):(\d{1,5})$/.exec(pattern);
  // More than one colon outside brackets is an IPv6 address, which has no port.
  const split = colon !== null && !(colon[1] ?? '').replace(new RegExp(RANGE, 'g'), '').includes(':');
  const names = expand(split ? (colon[1] ?? '') : pattern);
  return typeof names === 'string' ? names : withPort(names, split ? colon[2] : undefined);
}

function withPort(names: readonly string[], port: string | undefined): Expanded {
  return port === undefined ? { names } : { names, port: Number(port) };
}

function expand(pattern: string): string[] | string {
  let done: string[] = [''];
  let rest = pattern;
  for (let found = RANGE.exec(rest); found !== null; found = RANGE.exec(rest)) {
    const steps = stepsOf(found[1] ?? '');
    if (typeof steps === 'string') return `${JSON.stringify(pattern)}: ${steps}`;
    const head = rest.slice(0, found.index);
    rest = rest.slice(found.index + found[0].length);
    if (done.length * steps.length > MOST_HOSTS)
      return `${JSON.stringify(pattern)}: more than ${MOST_HOSTS} hosts`;
    done = done.flatMap((begun) => steps.map((step) => begun + head + step));
  }
  return done.map((begun) => begun + rest);
}

function stepsOf(range: string): string[] | string {
  const [begin = '', end = '', step = '1', ...more] = range.split(':');
  const by = Number(step);
  if (more.length > 0 || end === '' || !/^\d{1,9}$/.test(step) || by < 1)
    return 'a range is [begin:end] or [begin:end:step]';
  const first = begin.length === 1 ? LETTERS.indexOf(begin) : -1;
  const last = end.length === 1 ? LETTERS.indexOf(end) : -1;
  if (first >= 0 && last >= 0) {
    if (first > last) return 'a range begins before it ends';
    return Array.from(
      { length: Math.floor((last - first) / by) + 1 },
      (_, at) => LETTERS[first + at * by] ?? '',
    );
  }
  if (!/^\d{0,9}$/.test(begin) || !/^\d{1,9}$/.test(end)) return 'a range is of numbers or of single letters';
  const padded = begin.length > 1 && begin.startsWith('0');
  if (padded && begin.length !== end.length)
    return 'with leading zeros both ends of a range have the same length';
  const count = Math.floor((Number(end) - Number(begin)) / by) + 1;
  if (count > MOST_HOSTS) return `more than ${MOST_HOSTS} hosts`;
  return Array.from({ length: Math.max(0, count) }, (_, at) =>
    String(Number(begin) + at * by).padStart(padded ? begin.length : 1, '0'),
  );
}
