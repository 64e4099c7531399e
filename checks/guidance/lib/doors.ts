/** One way into an account on one kind of connection, and what is said of it. */
import type { SshdCase } from '../../../src/facts/types.js';
import type { Finding } from '../../../src/model.js';
import type { Missing } from '../../lib/law.js';
import type { Entry } from './entries.js';

export interface Door {
  readonly one: SshdCase;
  readonly entry: Entry;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  readonly missing: readonly Missing[];
}

export const FINE: Verdict = { findings: [], missing: [] };
