/** How lists and lines are told. */
import type { Login } from '../../../src/facts/types.js';
import type { EvidenceRef } from '../../../src/model.js';
import { secondText } from '../../../src/when.js';
import { excerpt } from '../../lib/law.js';
import type { Entry } from './entries.js';

/** `a, b, c, d, e and 3 more`. @param most how many are named. @param count of all, should `names` be the first of them. */
export function listed(names: readonly string[], most = 5, count = names.length): string {
  const left = count - most;
  return names.slice(0, most).join(', ') + (left > 0 ? ` and ${left} more` : '');
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
