/** Everything else. */
import type { OptionTable } from './spec.js';

export const GENERAL = {
  'dry-run': {
    kind: 'switch',
    group: 'General',
    fallback: false,
    flagOnly: true,
    describe: 'show hosts, users, routes and the exact script; connect to nothing',
  },
  sources: {
    kind: 'switch',
    group: 'General',
    fallback: false,
    flagOnly: true,
    describe: 'ask each source of the inventory, and say what its credential may do',
  },
  config: {
    kind: 'text',
    group: 'General',
    value: 'FILE',
    flagOnly: true,
    otherwise: './ssh-scorecard.yaml if it is there',
    describe: 'settings file; none: do not read any',
  },
} as const satisfies OptionTable;
