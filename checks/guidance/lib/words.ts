/** How lists and lines are told. */
import type { EvidenceRef } from '../../../src/model.js';
import { excerpt } from '../../lib/law.js';
import type { Entry } from './entries.js';

const MOST_NAMED = 5;

/** `a, b, c, d, e and 3 more` */
export function listed(names: readonly string[]): string {
  const left = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(', ') + (left > 0 ? ` and ${left} more` : '');
}

/** `1 session`, `2 sessions` */
export function times(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

export function lineOf({ kind, path, line, text }: Entry): EvidenceRef {
  return {
    probe: kind === 'principal' ? 'principals' : 'authorized-keys',
    path,
    line,
    excerpt: excerpt(text),
  };
}
