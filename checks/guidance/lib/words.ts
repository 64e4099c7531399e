/** How lists and lines are told. */
import type { Login } from '../../../src/facts/types.js';
import type { EvidenceRef } from '../../../src/model.js';
import { secondText } from '../../../src/when.js';
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

/** `2026-11-21T02:00:00Z ops from 10.0.0.9 by publickey` */
export function loginRef({ at, account, from, method }: Login): EvidenceRef {
  return { probe: 'logins', excerpt: excerpt(`${secondText(at)} ${account} from ${from} by ${method}`) };
}

export function lineOf({ kind, path, line, text }: Entry): EvidenceRef {
  return {
    probe: kind === 'principal' ? 'principals' : 'authorized-keys',
    path,
    line,
    excerpt: excerpt(text),
  };
}
